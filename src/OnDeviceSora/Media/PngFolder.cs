using System.Globalization;

namespace OnDeviceSora.Media;

/// <summary>Writes a video as a folder of numbered PNG pictures.</summary>
internal static class PngFolder
{
    /// <summary>The name of picture <paramref name="index"/>, counted from 0; the files count from 1.</summary>
    public static string NameOf(int index) => string.Create(CultureInfo.InvariantCulture, $"frame-{index + 1:00000}.png");

    /// <summary>
    /// Writes all pictures into a folder beside (or, when the destination exists, inside) the destination, and then moves
    /// them there. Pictures of an earlier, longer video are removed.
    /// </summary>
    public static WrittenVideo Write(
        IReadOnlyList<VideoFrame> frames, string folder, VideoMetadata metadata, string? settings, CancellationToken cancellation)
    {
        bool exists = Directory.Exists(folder);
        using var partial = new PartialOutput(folder, exists ? folder : null);
        Directory.CreateDirectory(partial.Path);
        for (int i = 0; i < frames.Count; i++)
        {
            using var stream = File.Create(Path.Combine(partial.Path, NameOf(i)));
            PngWriter.WriteStill(stream, frames[i], metadata, cancellation);
        }

        if (settings is not null)
            File.WriteAllText(Path.Combine(partial.Path, VideoSettingsReader.FolderFile), settings);
        cancellation.ThrowIfCancellationRequested();

        if (exists)
            MoveInto(partial.Path, folder, frames.Count);
        else
            Directory.Move(partial.Path, folder);
        return new WrittenVideo(folder, VideoFormat.PngFolder, settings is null ? null : Path.Combine(folder, VideoSettingsReader.FolderFile));
    }

    private static void MoveInto(string partial, string folder, int count)
    {
        foreach (string file in Directory.GetFiles(partial))
            File.Move(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        for (int i = count; File.Exists(Path.Combine(folder, NameOf(i))); i++)
            File.Delete(Path.Combine(folder, NameOf(i)));
    }
}
