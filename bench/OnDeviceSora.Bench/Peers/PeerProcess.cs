using System.Diagnostics;
using System.Globalization;

namespace OnDeviceSora.Bench.Peers;

/// <summary>
/// A peer in a child process, set up once and then run a turn at a time, so that its runs interleave with ours. It says
/// <c>ready SECONDS</c> once it is warm; every line it is sent is one run, which it answers with the seconds.
/// </summary>
internal sealed class PeerProcess : IContender
{
    private readonly Process _process;
    private string _lastError = "";

    /// <summary>Starts the peer and waits until it is ready.</summary>
    /// <param name="runtime">Which.</param>
    /// <param name="work">Name of the work, for example <c>matmul 5124x1152x4608</c>.</param>
    /// <param name="precision">What it shall compute in.</param>
    /// <param name="threads">Compute threads.</param>
    /// <exception cref="PeerException">It cannot do this work.</exception>
    public PeerProcess(PeerRuntime runtime, string work, string precision, int threads)
    {
        Name = $"{runtime.Name} {precision}";
        _process = Process.Start(runtime.StartInfo([work, precision, threads.ToString(CultureInfo.InvariantCulture)], threads))!;
        _process.ErrorDataReceived += (_, line) => _lastError = line.Data is { Length: > 0 } text ? text : _lastError;
        _process.BeginErrorReadLine();
        try
        {
            ExpectedSeconds = Seconds(_process.StandardOutput.ReadLine()?.Split(' ') is ["ready", var seconds] ? seconds : null);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public double ExpectedSeconds { get; }

    /// <inheritdoc/>
    public double Run()
    {
        _process.StandardInput.WriteLine("run");
        return Seconds(_process.StandardOutput.ReadLine());
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(5000)) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private double Seconds(string? text) => text is not null
        ? double.Parse(text, CultureInfo.InvariantCulture)
        : throw new PeerException(_process.WaitForExit(5000) && _lastError.Length > 0 ? _lastError : "it ended early");
}

/// <summary>A peer cannot do what it was asked for.</summary>
internal sealed class PeerException(string message) : Exception(message);
