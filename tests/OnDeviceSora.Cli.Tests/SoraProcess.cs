using System.Diagnostics;
using System.Globalization;

namespace OnDeviceSora.Cli.Tests;

/// <summary>The real program in a process of its own, in a folder of its own, on the small model.</summary>
internal sealed class SoraProcess : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    // Nothing is written to the home of whoever runs the tests.
    private static readonly string Cache = Directory.CreateTempSubdirectory("sora-test-cache-").FullName;
    private readonly Process _process;
    private readonly List<string> _errors = [];
    private readonly Task<string> _output;
    private readonly Task _reading;

    static SoraProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Cache, recursive: true);

    private SoraProcess(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _output = _process.StandardOutput.ReadToEndAsync();
        _reading = Task.Run(ReadErrorsAsync);
    }

    /// <summary>The small model, or <c>null</c> where this copy of the project lacks it.</summary>
    public static string? Model { get; } = FindModel();

    public static SoraProcess Start(string folder, IReadOnlyDictionary<string, string>? environment, params string[] arguments) =>
        StartProgram(folder, environment, "dotnet", [typeof(SoraCommandLine).Assembly.Location, .. arguments]);

    /// <summary>Runs another program, such as a shell that starts sora, to the end.</summary>
    public static async Task<(int Code, string Output, string Error)> RunProgramAsync(
        string folder, IReadOnlyDictionary<string, string>? environment, string program, params string[] arguments)
    {
        using var sora = StartProgram(folder, environment, program, arguments);
        return await sora.EndAsync();
    }

    private static SoraProcess StartProgram(string folder, IReadOnlyDictionary<string, string>? environment, string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment[ModelLocator.Variable] = Model;
        start.Environment["SORA_CACHE"] = Cache;
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return new SoraProcess(start);
    }

    /// <summary>Runs to the end.</summary>
    public static async Task<(int Code, string Output, string Error)> RunAsync(
        string folder, IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        using var sora = Start(folder, environment, arguments);
        return await sora.EndAsync();
    }

    /// <summary>Waits until standard error has a line with these words.</summary>
    public async Task WaitForAsync(string words)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Limit; await Task.Delay(10))
        {
            var ended = _process.HasExited;
            if (ended)
                await _reading;
            if (Errors().Contains(words, StringComparison.Ordinal))
                return;
            Assert.False(ended, $"it ended before it said '{words}': {Errors()}");
        }

        Assert.Fail($"it never said '{words}': {Errors()}");
    }

    public void Signal(string name)
    {
        using var kill = Process.Start("kill", ["-" + name, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Ends it at once, as a crash or a power cut would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Completes when the process has ended.</summary>
    public Task EndedAsync() => _process.WaitForExitAsync();

    public async Task<(int Code, string Output, string Error)> EndAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        await _process.WaitForExitAsync(limit.Token);
        await _reading.WaitAsync(limit.Token);
        return (_process.ExitCode, await _output.WaitAsync(limit.Token), Errors());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private string Errors()
    {
        lock (_errors)
            return string.Join('\n', _errors);
    }

    private async Task ReadErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_errors)
                _errors.Add(line);
        }
    }

    private static string? FindModel()
    {
        try
        {
            string model = ModelLocator.Find();
            return Directory.Exists(model) ? model : null;
        }
        catch (InvalidModelException)
        {
            return null;
        }
    }
}

/// <summary>A test that runs the program on the small model, with signals and shell scripts.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ProgramFactAttribute : FactAttribute
{
    public ProgramFactAttribute() =>
        Skip = OperatingSystem.IsWindows() ? "needs signals and /bin/sh" : SoraProcess.Model is null ? "models/opensora-tiny is not here" : null;
}
