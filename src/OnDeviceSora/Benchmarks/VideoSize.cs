namespace OnDeviceSora.Benchmarks;

/// <summary>The size of a video in pixels and frames.</summary>
/// <param name="Height">Height in pixels.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Frames">Frames.</param>
public readonly record struct VideoSize(int Height, int Width, int Frames)
{
    /// <summary>What benchmarks take by default: 68 frames of 256x256, as in the paper's largest measurements.</summary>
    public static VideoSize Default => new(256, 256, 68);

    /// <summary>Width x height x frames.</summary>
    public override string ToString() => $"{Width}x{Height}x{Frames}";
}
