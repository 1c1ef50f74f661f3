using System.Diagnostics;
using OnDeviceSora.Tests.Pipeline;

namespace OnDeviceSora.Tests.Training;

/// <summary>Runs a program of tools/embedded-model.</summary>
internal static class TrainingProgram
{
    /// <summary>Where they are.</summary>
    public static string Folder { get; } = Path.Combine(EmbeddedModel.Checkout, "tools", "embedded-model");

    /// <summary>A Python program, with the configuration of the embedded model.</summary>
    public static Task<string> PythonAsync(string program, params string[] arguments) =>
        RunAsync(new ProcessStartInfo(PythonWithTorch.Command!, [Path.Combine(Folder, program), "--config", Path.Combine(Folder, "config.json"), .. arguments]));

    /// <summary>Runs it to its end, which must be a good one, and returns what it printed.</summary>
    public static async Task<string> RunAsync(ProcessStartInfo start)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var log = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, log + await errors);
        return log;
    }
}
