using System.CommandLine;
using OnDeviceSora.Hub;
using OnDeviceSora.Installed;
using Spectre.Console;

namespace OnDeviceSora.Cli;

/// <summary><c>sora models</c>: what is installed, and what it needs.</summary>
internal static class ModelsCommand
{
    public static Command Build(CommandHost host)
    {
        var json = new Option<bool>("--json") { Description = "One JSON object on standard output." };
        var command = new Command("models",
            $"List the models on this machine: the one that comes with sora, those in {ModelsFolder.Variable}/models, and published ones that sora pull fetched. --model takes the names of this list.")
        { json };
        command.SetAction((parsed, cancellation) =>
        {
            bool machine = parsed.GetValue(json);
            IFailureDisplay display = machine ? new JsonLines(host.Output) : new QuietPullDisplay();
            return ErrorReport.GuardAsync(host, display, () => Task.FromResult(Show(host, machine)), cancellation);
        });
        return command;
    }

    private static int Show(CommandHost host, bool machine)
    {
        string folder = ModelsFolder.Default;
        var models = Find(folder);
        if (machine)
            new JsonLines(host.Output).Write(json => ModelsJson.Write(json, folder, models));
        else if (host.Interactive)
            ModelsText.WriteTable(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(host.Output) }), models);
        else
            ModelsText.WriteLines(host.Output, models);
        if (!machine && models.Count == 0)
            host.Error.WriteLine($"no models are installed; put them into {folder}, or fetch one with: sora pull {PulledModel.Known[0]}");
        return ExitCodes.Success;
    }

    private static IReadOnlyList<InstalledModel> Find(string folder)
    {
        var installed = InstalledModels.List(folder, HubSettings.FromEnvironment());
        return ModelLocator.FindEmbedded() is { } embedded ? [InstalledModels.Folder(embedded, embedded: true), .. installed] : installed;
    }
}
