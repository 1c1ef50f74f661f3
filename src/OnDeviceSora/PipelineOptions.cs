using OnDeviceSora.Budget;
using OnDeviceSora.Pipeline;
using OnDeviceSora.Previews;
using OnDeviceSora.Streaming;
using OnDeviceSora.Timeline;

namespace OnDeviceSora;

/// <summary>How a pipeline runs on this machine. Only <see cref="DecodeTile"/> changes the video.</summary>
public sealed record PipelineOptions
{
    /// <summary>Compute threads, 1 to 1024. Default: as many as the process may use.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// Side of the square tiles in which the autoencoder decodes each picture, in latent cells (8 pixels each), or <c>null</c>
    /// for whole pictures. 8 to 512. Tiles overlap by a quarter and are blended; they bound memory and change the picture slightly.
    /// </summary>
    public int? DecodeTile { get; init; }

    /// <summary>How much resident memory the process may take, or <c>null</c> for what the machine can give. The video does not depend on it.</summary>
    public MemoryBudget? Memory { get; init; }

    /// <summary>How the models' blocks come into memory. The video does not depend on it.</summary>
    public StreamingMode Streaming { get; init; } = StreamingMode.ConcurrentDynamic;

    /// <summary>Records when each block is loaded and computed; <c>null</c> for no record.</summary>
    public BlockTimeline? Timeline { get; init; }

    /// <summary>Draws the video as it forms, for <see cref="GenerationProgress.Preview"/>; <c>null</c> for no previews. <see cref="PreviewSamples"/> makes one.</summary>
    public LatentPreview? Preview { get; init; }

    /// <summary>
    /// Folder in which the text encoder's results are kept, so that a prompt used again does not touch its weights; <c>null</c>,
    /// the default, for none. Entries are bound to model and machine and give the same bits; they take at most 512 MB. A folder
    /// that cannot be written is no error. <see cref="DefaultTextEmbeddingCache"/> is the usual place.
    /// </summary>
    public string? TextEmbeddingCache { get; init; }

    /// <summary>
    /// <c>text-embeddings</c> in the folder that the environment variable <c>SORA_CACHE</c> names, else in <c>on-device-sora</c> of the
    /// user's cache folder (<c>XDG_CACHE_HOME</c> or <c>~/.cache</c>, <c>~/Library/Caches</c>, local application data);
    /// <c>null</c> for a user without one.
    /// </summary>
    public static string? DefaultTextEmbeddingCache => CacheFolder.Find() is { } folder ? Path.Combine(folder, "text-embeddings") : null;

    /// <summary>Reads weights no faster than so many bytes a second, 1 or more, or <c>null</c> for no limit: to leave others some of the storage, or to measure what a slower one would do.</summary>
    public long? StorageBytesPerSecond { get; init; }

    /// <summary>How the blocks of one stage's model come into memory.</summary>
    /// <param name="passes">Passes over its blocks that are expected.</param>
    /// <param name="plannedWorkingBytes">Tensors other than weights at their peak, as planned.</param>
    internal StreamingSettings StreamingFor(int passes, long plannedWorkingBytes = 0) => new()
    {
        Mode = Streaming,
        Budget = Memory,
        Timeline = Timeline,
        StorageBytesPerSecond = StorageBytesPerSecond,
        ExpectedPasses = passes,
        PlannedWorkingBytes = plannedWorkingBytes,
    };

    internal void Check()
    {
        if (StorageBytesPerSecond is < 1) throw new InvalidRequestException(nameof(StorageBytesPerSecond), $"StorageBytesPerSecond is {StorageBytesPerSecond}; it must be at least 1.");
        if (!Enum.IsDefined(Streaming)) throw new InvalidRequestException(nameof(Streaming), $"Streaming is {Streaming}; it must be one of {string.Join(", ", Enum.GetNames<StreamingMode>())}.");
        if (Threads is < 1 or > 1024) throw new InvalidRequestException(nameof(Threads), $"Threads is {Threads}; it must be 1 to 1024.");
        if (DecodeTile is < 8 or > 512) throw new InvalidRequestException(nameof(DecodeTile), $"DecodeTile is {DecodeTile}; it must be 8 to 512 latent cells.");
    }
}
