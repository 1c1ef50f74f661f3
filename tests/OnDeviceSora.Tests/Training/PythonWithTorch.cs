using System.ComponentModel;
using System.Diagnostics;

namespace OnDeviceSora.Tests.Training;

/// <summary>A Python that can train.</summary>
internal static class PythonWithTorch
{
    /// <summary>Its command, or <c>null</c> where there is none. A distribution's own Python may hide behind another one on the path.</summary>
    public static string? Command { get; } = ((string[])["python3", "/usr/bin/python3"]).FirstOrDefault(HasTorch);

    private static bool HasTorch(string command)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, ["-c", "import numpy, PIL, torch"]) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}

/// <summary>A test that trains a model, which takes minutes: only where SORA_SOAK is set, as in continuous integration, and Python has PyTorch.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TrainingFactAttribute : FactAttribute
{
    public TrainingFactAttribute() => Skip =
        Environment.GetEnvironmentVariable("SORA_SOAK") is not { Length: > 0 } || OperatingSystem.IsWindows() ? "takes minutes; set SORA_SOAK=1 to run it"
        : PythonWithTorch.Command is null ? "Python with PyTorch, NumPy and Pillow is not installed"
        : null;
}
