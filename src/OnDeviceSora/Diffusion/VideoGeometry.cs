namespace OnDeviceSora.Diffusion;

/// <summary>What the transformer is told about the video as a whole.</summary>
/// <param name="Height">Pixel height.</param>
/// <param name="Width">Pixel width.</param>
/// <param name="FramesPerSecond">Frames a second; 120 stands for a still picture.</param>
internal readonly record struct VideoGeometry(float Height, float Width, float FramesPerSecond);
