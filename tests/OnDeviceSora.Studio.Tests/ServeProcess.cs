using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using OnDeviceSora.Cli;

namespace OnDeviceSora.Studio.Tests;

/// <summary>The real <c>sora serve</c> in a process of its own, on the embedded model.</summary>
internal sealed class ServeProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly Task _reading;

    private ServeProcess(Process process)
    {
        _process = process;
        _reading = Task.Run(ReadLogAsync);
    }

    /// <summary>Where it listens.</summary>
    public string Address { get; private set; } = "";

    /// <summary>The lines of its log.</summary>
    public ConcurrentQueue<string> Log { get; } = new();

    public int ExitCode => _process.ExitCode;

    /// <summary>Starts it and waits until it listens.</summary>
    public static Task<ServeProcess> StartAsync(string data, params string[] arguments) => StartAsync(data, null, arguments);

    /// <summary>The same with other variables in its environment.</summary>
    public static async Task<ServeProcess> StartAsync(string data, IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        var serve = Begin(data, environment, arguments);
        serve.Address = await serve._process.StandardOutput.ReadLineAsync().WaitAsync(Limit) ?? throw new InvalidOperationException($"it did not start: {string.Join('\n', serve.Log)}");
        return serve;
    }

    /// <summary>Runs one that is expected to end by itself.</summary>
    public static async Task<(int Code, string Error)> RunAsync(string data, IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        await using var serve = Begin(data, environment, arguments);
        await serve.EndedAsync();
        return (serve.ExitCode, string.Join('\n', serve.Log));
    }

    private static ServeProcess Begin(string data, IReadOnlyDictionary<string, string>? environment, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(SoraCommandLine).Assembly.Location, "serve", "--data", data, "--no-text-cache", .. arguments.Contains("--port") ? arguments : ["--port", "0", .. arguments]])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["SORA_MODEL"] = EmbeddedModel.Folder;
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return new ServeProcess(Process.Start(start)!);
    }

    /// <summary>Resident memory in MB, as the operating system counts it.</summary>
    public double ResidentMegabytes()
    {
        _process.Refresh();
        return _process.WorkingSet64 / 1e6;
    }

    /// <summary>Ends it at once, as a crash would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await EndedAsync();
    }

    /// <summary>Asks it to end, and waits until it has.</summary>
    public async Task StopAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)])) await kill.WaitForExitAsync();
        await EndedAsync();
    }

    public async Task EndedAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Limit);
        await _reading.WaitAsync(Limit);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }

    private async Task ReadLogAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line) Log.Enqueue(line);
    }
}
