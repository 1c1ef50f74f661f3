using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace OnDeviceSora.Media;

/// <summary>Reads the frames of a video through ffmpeg.</summary>
public static class VideoReader
{
    private const int MostErrorCharacters = 400;

    /// <summary>Whether there is an ffmpeg to read with: that of the environment variable <c>SORA_FFMPEG</c>, or on the <c>PATH</c>.</summary>
    public static bool IsAvailable => FfmpegLocation.Find().Path is not null;

    /// <summary>Reads frames one by one, so that long videos need no more memory than short ones. Whoever stops reading ends ffmpeg.</summary>
    /// <param name="path">A file that ffmpeg understands.</param>
    /// <param name="width">Width of its frames in pixels, 1 or more.</param>
    /// <param name="height">Height of its frames in pixels, 1 or more.</param>
    /// <param name="cancellation">Kills ffmpeg.</param>
    /// <exception cref="InvalidFileException">There is no ffmpeg, no such file, or the file has no frames of this size.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async IAsyncEnumerable<VideoFrame> ReadAsync(string path, int width, int height, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!File.Exists(path)) throw new InvalidFileException(path, "there is no such file");
        var ffmpeg = FfmpegLocation.Find();
        if (ffmpeg.Path is null) throw new InvalidFileException(path, $"it cannot be read without ffmpeg: {ffmpeg.Reason}");
        using var process = Start(ffmpeg.Path, path, width, height);
        try
        {
            using var kill = cancellation.Register(() => Kill(process));
            var complaint = process.StandardError.ReadToEndAsync(CancellationToken.None);
            var count = 0;
            while (await ReadFrameAsync(process.StandardOutput.BaseStream, width, height).ConfigureAwait(false) is { } frame)
            {
                count++;
                yield return frame;
            }

            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            var words = (await complaint.ConfigureAwait(false)).Trim();
            if (process.ExitCode != 0 || count == 0) throw new InvalidFileException(path, $"ffmpeg found no frames of {width}x{height} in it: {words[..Math.Min(words.Length, MostErrorCharacters)]}");
        }
        finally
        {
            Kill(process);
        }
    }

    private static Process Start(string ffmpeg, string path, int width, int height)
    {
        // The matrix is named: ffmpeg would take another one for small pictures that do not say theirs.
        string[] arguments =
        [
            "-hide_banner", "-loglevel", "error", "-nostdin", "-i", "file:" + Path.GetFullPath(path), "-map", "0:v:0",
            "-vf", string.Create(CultureInfo.InvariantCulture, $"scale=in_range=tv:out_range=full:in_color_matrix=bt709:flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp,crop={width}:{height}:0:0"),
            "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1",
        ];
        try
        {
            return Process.Start(new ProcessStartInfo(ffmpeg, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, CreateNoWindow = true })!;
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            throw new InvalidFileException(path, $"ffmpeg ({ffmpeg}) cannot be started: {e.Message}", e);
        }
    }

    private static async Task<VideoFrame?> ReadFrameAsync(Stream pixels, int width, int height)
    {
        var rgb = new byte[width * height * 3];
        return await pixels.ReadAtLeastAsync(rgb, rgb.Length, throwOnEndOfStream: false).ConfigureAwait(false) == rgb.Length ? new VideoFrame(width, height, rgb) : null;
    }

    private static void Kill(Process process)
    {
        try
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It ended by itself meanwhile.
        }
    }
}
