using System.Diagnostics;
using System.Globalization;

namespace OnDeviceSora.Bench;

/// <summary>PyTorch in a child process, set up once and then run a turn at a time, so that its runs interleave with ours.</summary>
internal sealed class TorchPeer : IDisposable
{
    private readonly Process _process;

    /// <summary>Starts the peer and waits until it is ready.</summary>
    /// <param name="work">Name of the work, for example <c>matmul 5124x1152x4608</c>.</param>
    /// <param name="precision"><c>fp32</c> or <c>bf16</c>.</param>
    /// <param name="threads">Compute threads.</param>
    public TorchPeer(string work, string precision, int threads)
    {
        var python = Environment.GetEnvironmentVariable("SORA_PYTHON") ?? "/usr/bin/python3";
        var script = Path.Combine(AppContext.BaseDirectory, "peers", "torch_peer.py");
        var start = new ProcessStartInfo(python, [script, work, precision, threads.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        // The libraries below PyTorch size their own teams before the script can.
        foreach (var variable in (string[])["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"])
        {
            start.Environment[variable] = threads.ToString(CultureInfo.InvariantCulture);
        }
        _process = Process.Start(start) ?? throw new InvalidOperationException($"Could not start {python}.");
        if (_process.StandardOutput.ReadLine() != "ready")
        {
            throw new InvalidOperationException($"PyTorch did not start. Install the distribution's python3-torch, or point SORA_PYTHON at a Python that has torch (tried {python}).");
        }
    }

    /// <summary>Runs the work once.</summary>
    /// <returns>Seconds it took.</returns>
    public double Run()
    {
        _process.StandardInput.WriteLine("run");
        var line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The PyTorch peer ended early.");
        return double.Parse(line, CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(5000)) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
