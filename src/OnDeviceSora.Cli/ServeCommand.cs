using System.CommandLine;
using System.Globalization;
using System.Net;
using OnDeviceSora.Installed;
using OnDeviceSora.Studio;

namespace OnDeviceSora.Cli;

/// <summary><c>sora serve</c>: the studio, until it is interrupted.</summary>
internal static class ServeCommand
{
    private const string KeyVariable = "SORA_API_KEY";

    public static Command Build(CommandHost host)
    {
        var shared = new SharedOptions();
        var port = OptionParsing.Create<int?>("--port", "N", $"The port. Default: {StudioOptions.DefaultPort}; 0 takes a free one.", ParsePort);
        var address = OptionParsing.Create<IPAddress?>("--address", "A", "The address to listen at. Default: 127.0.0.1; any other than the loopback's needs --api-key.", ParseAddress);
        var key = OptionParsing.Text("--api-key", "KEY", $"What callers must have (Authorization: Bearer KEY). Better in the environment, as {KeyVariable}.");
        var data = OptionParsing.Text("--data", "DIR", "Where videos and the queue are kept. Default: videos in SORA_HOME.");
        var limit = OptionParsing.Whole("--queue-limit", "N", "Videos that may wait. Default: 1000.", minimum: 1);
        var keep = OptionParsing.Whole("--keep-days", "N", "Delete videos so many days after they are done. Default: never.", minimum: 1);
        var nearest = new Option<bool>("--nearest") { Description = "Make the nearest size or length where the model cannot make the one that is asked for, and say so, instead of an error." };
        var origins = new Option<string[]>("--allow-origin") { HelpName = "URL", Description = "Let a web page from there call the server, such as http://localhost:3000. May be repeated.", AllowMultipleArgumentsPerToken = false };
        var format = OptionParsing.Create<string?>("--log-format", "plain|json", "How the log on standard error looks. Default: plain.", text => text is "plain" or "json" ? text : throw new FormatException("plain or json"));

        var command = new Command("serve", "Run the studio: a page in the browser, and a local Videos API. Ends with Ctrl-C; what runs goes on at the next start.");
        foreach (var option in (Option[])[port, address, key, data, limit, keep, nearest, origins, format]) command.Add(option);
        shared.AddMachineTo(command);
        command.SetAction((parsed, cancellation) => ErrorReport.GuardAsync(host, new QuietDisplay(), async () =>
        {
            await using var server = await StudioServer.StartAsync(new StudioOptions
            {
                Model = shared.Model(parsed),
                DataFolder = parsed.GetValue(data) ?? DefaultData,
                Pipeline = shared.Pipeline(parsed, savedTile: null),
                Address = parsed.GetValue(address) ?? IPAddress.Loopback,
                Port = parsed.GetValue(port) ?? StudioOptions.DefaultPort,
                ApiKey = parsed.GetValue(key) ?? KeyFromEnvironment,
                AllowedOrigins = parsed.GetValue(origins) ?? [],
                QueueLimit = parsed.GetValue(limit) ?? 1000,
                Keep = parsed.GetValue(keep) is { } days ? TimeSpan.FromDays(days) : null,
                Nearest = parsed.GetValue(nearest),
                JsonLog = parsed.GetValue(format) == "json",
            }, cancellation).ConfigureAwait(false);
            host.Output.WriteLine(server.Address);
            host.Output.Flush();
            await server.RunAsync(cancellation).ConfigureAwait(false);
            return ExitCodes.Success;
        }, cancellation, kept: "the studio was not started"));
        return command;
    }

    private static string? KeyFromEnvironment => Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } key ? key : null;

    private static string DefaultData => Path.Combine(Path.GetDirectoryName(ModelsFolder.Default)!, "videos");

    private static int? ParsePort(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= IPEndPoint.MaxPort ? port : throw new FormatException("a port, 0 to 65535");

    private static IPAddress? ParseAddress(string text) =>
        text == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(text, out var address) ? address : throw new FormatException("an address of this machine, such as 127.0.0.1 or 0.0.0.0");
}
