using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace OnDeviceSora.Media;

/// <summary>Reads the frames of a video through ffmpeg.</summary>
public static class VideoReader
{
    private const int MostErrorCharacters = 400;

    /// <summary>Whether there is an ffmpeg to read with: that of the environment variable <c>SORA_FFMPEG</c>, or on the <c>PATH</c>.</summary>
    public static bool IsAvailable => FfmpegLocation.Find().Path is not null;

    /// <summary>Reads all frames.</summary>
    /// <param name="path">A file that ffmpeg understands.</param>
    /// <param name="width">Width of its frames in pixels, 1 or more.</param>
    /// <param name="height">Height of its frames in pixels, 1 or more.</param>
    /// <param name="mostFrames">Reads no more than so many.</param>
    /// <param name="cancellation">Kills ffmpeg.</param>
    /// <exception cref="InvalidFileException">There is no ffmpeg, no such file, or the file has no frames of this size.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task<IReadOnlyList<VideoFrame>> ReadAsync(string path, int width, int height, int mostFrames, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!File.Exists(path)) throw new InvalidFileException(path, "there is no such file");
        var ffmpeg = FfmpegLocation.Find();
        if (ffmpeg.Path is null) throw new InvalidFileException(path, $"it cannot be read without ffmpeg: {ffmpeg.Reason}");
        using var process = Start(ffmpeg.Path, path, width, height, mostFrames);
        using var kill = cancellation.Register(() => Kill(process));
        var complaint = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var frames = await ReadFramesAsync(process.StandardOutput.BaseStream, width, height).ConfigureAwait(false);
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
        var words = (await complaint.ConfigureAwait(false)).Trim();
        if (process.ExitCode != 0 || frames.Count == 0) throw new InvalidFileException(path, $"ffmpeg found no frames of {width}x{height} in it: {words[..Math.Min(words.Length, MostErrorCharacters)]}");
        return frames;
    }

    private static Process Start(string ffmpeg, string path, int width, int height, int mostFrames)
    {
        // The matrix is named: ffmpeg would take another one for small pictures that do not say theirs.
        string[] arguments =
        [
            "-hide_banner", "-loglevel", "error", "-nostdin", "-i", "file:" + Path.GetFullPath(path), "-map", "0:v:0",
            "-frames:v", mostFrames.ToString(CultureInfo.InvariantCulture),
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

    private static async Task<List<VideoFrame>> ReadFramesAsync(Stream pixels, int width, int height)
    {
        var frames = new List<VideoFrame>();
        while (true)
        {
            var rgb = new byte[width * height * 3];
            if (await pixels.ReadAtLeastAsync(rgb, rgb.Length, throwOnEndOfStream: false).ConfigureAwait(false) < rgb.Length) return frames;
            frames.Add(new VideoFrame(width, height, rgb));
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It ended by itself meanwhile.
        }
    }
}
