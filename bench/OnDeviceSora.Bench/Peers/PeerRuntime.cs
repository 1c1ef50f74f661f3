using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.Intrinsics.X86;

namespace OnDeviceSora.Bench.Peers;

/// <summary>Another engine, which does the same work in a child process: a program that runs one of the scripts of <c>bench/peers</c>.</summary>
/// <param name="Name">Its name in results.</param>
/// <param name="Program">What runs the script.</param>
/// <param name="Script">The script's file name.</param>
/// <param name="Precisions">What it computes in.</param>
/// <param name="Works">Beginnings of the names of the works that it knows.</param>
/// <param name="Remedy">What to do when it is missing.</param>
internal sealed record PeerRuntime(string Name, string Program, string Script, string[] Precisions, string[] Works, string Remedy)
{
    /// <summary>Environment variables of the child process beside those of threads.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>PyTorch, by default the distribution's. Its OpenBLAS would take its slowest kernels on CPUs that are newer than itself.</summary>
    public static PeerRuntime Torch { get; } = new(
        "torch", Variable("SORA_PYTHON", "/usr/bin/python3"), "torch_peer.py", ["fp32", "bf16"], ["matmul", "block pair", "STDiT3 step", "VAE decode", "T5-XXL encode"],
        "install the distribution's python3-torch, or point SORA_PYTHON at a Python that has torch")
    { Environment = new Dictionary<string, string> { ["OPENBLAS_CORETYPE"] = Variable("OPENBLAS_CORETYPE", Avx512F.IsSupported ? "SkylakeX" : "") } };

    /// <summary>ONNX Runtime from its npm package.</summary>
    public static PeerRuntime OnnxRuntime { get; } = new(
        "ort", Variable("SORA_NODE", "node"), "onnxruntime_peer.js", ["fp32", "int8"], ["matmul"],
        $"install Node.js, or point SORA_NODE at it; then run with --install-peers, or run {PeerInstallation.Command}")
    { Environment = new Dictionary<string, string> { ["NODE_PATH"] = Path.Combine(PeerInstallation.Folder, "node_modules") } };

    /// <summary>Whether it can be run here.</summary>
    public bool IsInstalled
    {
        get
        {
            try
            {
                using var process = Process.Start(StartInfo(["--check"], threads: 1))!;
                process.StandardInput.Close();
                _ = process.StandardError.ReadToEndAsync();
                return process.StandardOutput.ReadLine() == "ready";
            }
            catch (Win32Exception)
            {
                // There is no such program.
                return false;
            }
        }
    }

    /// <summary>Whether its script has this work.</summary>
    public bool Knows(string work) => Works.Any(known => work.StartsWith(known, StringComparison.Ordinal));

    /// <summary>How to start the script.</summary>
    public ProcessStartInfo StartInfo(IEnumerable<string> arguments, int threads)
    {
        var start = new ProcessStartInfo(Program, [Path.Combine(AppContext.BaseDirectory, "peers", Script), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in Environment.Where(variable => variable.Value.Length > 0)) start.Environment[name] = value;
        // The libraries below an engine size their own teams before the script can.
        foreach (var variable in (string[])["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"])
        {
            start.Environment[variable] = threads.ToString(CultureInfo.InvariantCulture);
        }
        return start;
    }

    private static string Variable(string name, string fallback) => System.Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : fallback;
}
