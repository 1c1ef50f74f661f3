using System.Globalization;
using OnDeviceSora.Sizes;

namespace OnDeviceSora.Studio.Models;

/// <summary>The sizes and lengths that a model was trained for, as the Videos API names them.</summary>
/// <param name="Sizes">Sizes, smallest first.</param>
/// <param name="Lengths">Lengths, shortest first.</param>
internal sealed record TrainedFormats(IReadOnlyList<VideoSize> Sizes, IReadOnlyList<VideoLength> Lengths)
{
    private const int PixelsOfSmallestResolution = 36_864, Multiple = 8;
    private static readonly string[] Resolutions = ["144p", "240p", "360p", "480p", "720p"];

    /// <summary>The seconds that Open-Sora v1.2 was trained for, at 24 frames a second.</summary>
    private static readonly (string Seconds, string Name)[] PublishedLengths = [("2", "2s"), ("4", "4s"), ("8", "8s"), ("16", "16s")];

    /// <summary>
    /// What Open-Sora v1.2 was trained for when the model makes videos of its sizes by default, else the model's default alone: a small model draws noise at
    /// any other.
    /// </summary>
    /// <param name="defaults">A complete request.</param>
    public static TrainedFormats Of(VideoRequest defaults)
    {
        var size = new VideoSize(defaults.Width!.Value, defaults.Height!.Value);
        var own = VideoLength.Of(defaults.Frames!.Value, defaults.FramesPerSecond!.Value);
        if (size.Width * size.Height < PixelsOfSmallestResolution) return new TrainedFormats([size], [own]);
        var sizes = Resolutions.SelectMany(Published).Append(size).Distinct().OrderBy(other => (long)other.Width * other.Height).ThenBy(other => other.Width);
        var lengths = PublishedLengths.Select(length => new VideoLength(length.Seconds, FrameCounts.Find(length.Name))).Append(own).DistinctBy(length => length.Seconds).OrderBy(length => length.Frames);
        return new TrainedFormats([.. sizes], [.. lengths]);
    }

    private static IEnumerable<VideoSize> Published(string resolution)
    {
        foreach (var ratio in NamedSizes.AspectRatios)
        {
            var size = NamedSizes.Find(resolution, ratio);
            if (size.Width % Multiple == 0 && size.Height % Multiple == 0) yield return new VideoSize(size.Width, size.Height);
        }
    }
}

/// <summary>A size of frames.</summary>
/// <param name="Width">In pixels.</param>
/// <param name="Height">In pixels.</param>
internal readonly record struct VideoSize(int Width, int Height)
{
    /// <summary>As the Videos API writes it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Width}x{Height}");

    /// <summary>Reads <c>WxH</c>; <c>null</c> when it is none.</summary>
    public static VideoSize? Parse(string text)
    {
        var cross = text.IndexOf('x', StringComparison.Ordinal);
        return cross > 0 && Number(text.AsSpan(0, cross)) is { } width && Number(text.AsSpan(cross + 1)) is { } height ? new VideoSize(width, height) : null;

        static int? Number(ReadOnlySpan<char> digits) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0 ? value : null;
    }
}

/// <summary>A length of videos.</summary>
/// <param name="Seconds">As the Videos API names it, about.</param>
/// <param name="Frames">In frames.</param>
internal sealed record VideoLength(string Seconds, int Frames)
{
    /// <summary>Named by whole seconds, or by tenths where it is shorter than one.</summary>
    public static VideoLength Of(int frames, int framesPerSecond)
    {
        var seconds = frames / (double)framesPerSecond;
        return new VideoLength((seconds < 1 ? Math.Max(0.1, Math.Round(seconds, 1)) : Math.Round(seconds)).ToString(CultureInfo.InvariantCulture), frames);
    }
}
