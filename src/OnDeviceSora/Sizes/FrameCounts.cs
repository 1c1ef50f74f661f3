using System.Globalization;

namespace OnDeviceSora.Sizes;

/// <summary>Lengths of clips: by name, and in latent frames. Specification sections 8 and 9.</summary>
public static class FrameCounts
{
    /// <summary>The frame rate Open-Sora v1.2 is told for a still picture.</summary>
    public const int StillPictureRate = 120;

    private const int LatentGroup = 5;
    private const int PixelGroup = 17;

    private static readonly Dictionary<string, int> Names = new(StringComparer.Ordinal)
    {
        ["1x"] = 51,
        ["2x"] = 102,
        ["4x"] = 204,
        ["8x"] = 408,
        ["16x"] = 816,
        ["2s"] = 51,
        ["4s"] = 102,
        ["8s"] = 204,
        ["16s"] = 408,
        ["32s"] = 816,
    };

    /// <summary>The number of frames of a clip.</summary>
    /// <param name="name"><c>1x</c> to <c>16x</c>, <c>2s</c> to <c>32s</c> (seconds, about), or a number of frames, 1 or more.</param>
    /// <exception cref="InvalidRequestException">It is neither a name nor a number of frames.</exception>
    public static int Find(string name)
    {
        if (Names.TryGetValue(name, out int frames)) return frames;
        if (int.TryParse(name, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out frames) && frames >= 1)
            return frames;
        throw new InvalidRequestException("Frames", $"'{name}' is no number of frames; give 1 or more, or one of {string.Join(", ", Names.Keys)}.");
    }

    /// <summary>How many frames a number of latent frames stands for: five latent frames are seventeen frames.</summary>
    /// <param name="latentFrames">A multiple of 5, 0 or more.</param>
    /// <exception cref="InvalidRequestException">It is no such number.</exception>
    public static int FromLatentFrames(int latentFrames) =>
        latentFrames >= 0 && latentFrames % LatentGroup == 0 && latentFrames / LatentGroup <= int.MaxValue / PixelGroup
            ? latentFrames / LatentGroup * PixelGroup
            : throw new InvalidRequestException("Frames", $"{latentFrames} latent frames cannot be counted in frames; a multiple of {LatentGroup} is needed.");
}
