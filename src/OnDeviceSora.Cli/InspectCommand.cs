using System.CommandLine;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Cli;

/// <summary><c>sora inspect</c>: what a checkpoint or model folder holds, and whether a model can run with it.</summary>
internal static class InspectCommand
{
    public static Command Build(CommandHost host)
    {
        var path = OptionParsing.Name("path", "A model folder or the name of an installed model, a .safetensors file, or the index of a sharded checkpoint.");
        var json = new Option<bool>("--json") { Description = "One JSON object on standard output." };

        var command = new Command("inspect",
            "Show what a checkpoint holds: tensors, shapes, types and sizes, for which model it is complete, and what is missing by name. Exit code 3 when something is missing or does not fit.")
        { path, json };
        command.SetAction((parsed, cancellation) =>
        {
            bool machine = parsed.GetValue(json);
            IGenerationDisplay display = machine ? new JsonDisplay(host.Output) : new QuietDisplay();
            return ErrorReport.GuardAsync(host, display, () => Task.FromResult(Show(host.Output, ModelLocator.Resolve(parsed.GetRequiredValue(path)), machine)), cancellation);
        });
        return command;
    }

    private static int Show(TextWriter output, string path, bool machine)
    {
        var inspection = ModelInspection.Inspect(path);
        if (machine)
            output.WriteLine(InspectionJson.Of(inspection));
        else
            InspectionText.Write(output, inspection);

        // Tensors of no model that sora knows are not broken; they are merely something else.
        bool usable = inspection.IsComplete || (!inspection.IsModelFolder && inspection.Checkpoints.All(checkpoint => checkpoint.Kind == ModelKind.Unknown));
        return usable ? ExitCodes.Success : ExitCodes.BadInput;
    }
}
