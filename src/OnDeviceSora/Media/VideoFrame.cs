namespace OnDeviceSora.Media;

/// <summary>One picture of a video: 8-bit RGB, row by row from the top left.</summary>
/// <param name="Width">Width in pixels, at least 1.</param>
/// <param name="Height">Height in pixels, at least 1.</param>
/// <param name="Rgb">The pixels, <c>Height x Width x 3</c> bytes.</param>
public sealed record VideoFrame(int Width, int Height, byte[] Rgb);
