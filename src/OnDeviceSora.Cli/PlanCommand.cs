using System.CommandLine;

namespace OnDeviceSora.Cli;

/// <summary><c>sora plan</c>: what a generation would keep in memory, and how long it would take.</summary>
internal static class PlanCommand
{
    public static Command Build(CommandHost host)
    {
        var request = new RequestOptions();
        var shared = new SharedOptions();
        var json = new Option<bool>("--json") { Description = "One JSON object on standard output." };

        var command = new Command("plan", "Show what sora generate would keep in memory, stage by stage, and how long it would take, without running it. Exit code 2 when it does not fit.");
        request.AddTo(command);
        shared.AddMachineTo(command);
        command.Add(json);
        command.SetAction((parsed, cancellation) =>
        {
            bool machine = parsed.GetValue(json);
            IGenerationDisplay display = machine ? new JsonDisplay(host.Output) : new QuietDisplay();
            return ErrorReport.GuardAsync(host, display, () =>
            {
                var like = request.LikeSettings(parsed);
                using var generator = host.Open(shared.Model(parsed), shared.Pipeline(parsed, like?.DecodeTile));
                var plan = generator.Plan(request.Request(parsed, like?.Request), measureSpeed: true);
                if (machine)
                    host.Output.WriteLine(PlanJson.Of(plan));
                else
                    PlanText.Write(host.Output, plan);
                return Task.FromResult(ExitCodes.Success);
            }, cancellation);
        });
        return command;
    }
}
