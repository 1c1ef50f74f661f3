using System.Diagnostics;
using OnDeviceSora.Media;

namespace OnDeviceSora.Tests.Media;

/// <summary>The machine's ffmpeg as an independent reader of what the library writes. Tests that need it are skipped, and say so, where it is missing.</summary>
internal static class Ffmpeg
{
    public static string? Path { get; } = FfmpegLocation.Find().Path;

    /// <summary>Decodes a file to rgb24, all frames one after the other.</summary>
    public static byte[] Decode(string file) => Run(Path!, "-v", "error", "-i", file, "-f", "rawvideo", "-pix_fmt", "rgb24", "-fps_mode", "passthrough", "-");

    /// <summary>What ffprobe says about a file, one <c>key=value</c> a line.</summary>
    public static string Probe(string file) => System.Text.Encoding.UTF8.GetString(Run(
        System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path!)!, "ffprobe"),
        "-v", "error", "-count_frames", "-show_streams", "-show_format", file));

    private static byte[] Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output.ToArray();
    }
}
