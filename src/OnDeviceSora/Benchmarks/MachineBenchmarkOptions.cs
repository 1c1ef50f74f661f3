namespace OnDeviceSora.Benchmarks;

/// <summary>What to measure, and for how long.</summary>
public sealed record MachineBenchmarkOptions
{
    /// <summary>Compute threads. Default: all.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>How long to measure each figure, about; one run in any case.</summary>
    public TimeSpan FigureTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Folder of a model to predict for beside the full-size one; <c>null</c> for none.</summary>
    public string? Model { get; init; }

    /// <summary>Width of the video in pixels. Default: 256 for the full-size model, its own for another.</summary>
    public int? Width { get; init; }

    /// <summary>Height of the video in pixels. Default: 256 for the full-size model, its own for another.</summary>
    public int? Height { get; init; }

    /// <summary>Frames of the video. Default: 68 for the full-size model, its own for another.</summary>
    public int? Frames { get; init; }
}
