namespace OnDeviceSora;

/// <summary>How a pipeline runs on this machine. None of these changes the video.</summary>
public sealed record PipelineOptions
{
    /// <summary>Compute threads, 1 to 1024. Default: as many as the process may use.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// Side of the square tiles in which the autoencoder decodes each picture, in latent cells (8 pixels each), or <c>null</c>
    /// for whole pictures. At least 8. Tiles overlap by a quarter and are blended; they bound memory and change the picture slightly.
    /// </summary>
    public int? DecodeTile { get; init; }
}
