namespace OnDeviceSora.Cli.Tests;

/// <summary>Command lines run in this process, on a fake generator, in a folder of their own.</summary>
public sealed class CommandRun : IDisposable
{
    internal FakeGenerator Generator { get; set; } = new();

    public string Folder { get; } = Directory.CreateTempSubdirectory("sora-cli-").FullName;

    public string Output { get; private set; } = "";

    public string Error { get; private set; } = "";

    public string? OpenedModel { get; private set; }

    public PipelineOptions? Options { get; private set; }

    public IEnumerable<string> Names => Directory.EnumerateFileSystemEntries(Folder).Select(entry => Path.GetFileName(entry)!).Order();

    public string this[string name] => Path.Combine(Folder, name);

    /// <summary>Runs <c>sora</c> with these arguments and <c>--model x</c>.</summary>
    public Task<int> OnModel(params string[] arguments) => Of([.. arguments, "--model", "x"]);

    public Task<int> Of(params string[] arguments) => Of(arguments, interactive: false, CancellationToken.None);

    public async Task<int> Of(string[] arguments, bool interactive, CancellationToken cancellation)
    {
        using StringWriter output = new(), error = new();
        var host = new CommandHost(output, error, interactive, (model, options) =>
        {
            (OpenedModel, Options) = (model, options);
            Generator.DecodeTile = options.DecodeTile;
            return Generator;
        });
        int code = await SoraCommandLine.RunAsync(arguments, host, cancellation);
        (Output, Error) = (output.ToString(), error.ToString());
        return code;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
