using System.ComponentModel;
using System.Diagnostics;
using OnDeviceSora.Pipeline;

namespace OnDeviceSora.Bench.Peers;

/// <summary>Fetches ONNX Runtime's npm package, whose own CPU library is all that is needed: no script of it is run.</summary>
internal static class PeerInstallation
{
    private static readonly string[] Arguments = ["install", "--ignore-scripts", "--no-save", "--prefix", Folder, "onnxruntime-node"];

    /// <summary>Where it is put: beside what else this project keeps in the user's cache.</summary>
    public static string Folder => Path.Combine(CacheFolder.Find() ?? Path.GetTempPath(), "bench-peers");

    /// <summary>What a person would type.</summary>
    public static string Command => $"npm {string.Join(' ', Arguments)}";

    /// <summary>Runs it.</summary>
    /// <returns>Whether it ended well; npm says what did not.</returns>
    public static bool Run()
    {
        Directory.CreateDirectory(Folder);
        try
        {
            using var npm = Process.Start(new ProcessStartInfo(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", Arguments) { RedirectStandardOutput = true })!;
            // Standard output is the results'.
            Console.Error.Write(npm.StandardOutput.ReadToEnd());
            npm.WaitForExit();
            return npm.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
