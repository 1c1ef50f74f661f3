namespace OnDeviceSora.Sizes;

/// <summary>The size of a frame.</summary>
/// <param name="Height">Height in pixels.</param>
/// <param name="Width">Width in pixels.</param>
public readonly record struct FrameSize(int Height, int Width);
