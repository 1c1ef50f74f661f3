using System.Globalization;
using OnDeviceSora.Media;

namespace OnDeviceSora.Cli;

/// <summary>The words for progress and results.</summary>
internal static class ProgressText
{
    public static string Stage(GenerationStage stage) => stage switch
    {
        GenerationStage.TextEncoding => "reading the prompt",
        GenerationStage.Denoising => "denoising",
        _ => "decoding frames",
    };

    /// <summary>What stands after the stage and the count: time left, memory, similarity, leap.</summary>
    public static string Details(GenerationProgress progress)
    {
        var parts = new List<string>();
        if (progress.Remaining is { } remaining && progress.Completed < progress.Total && !progress.Leapt)
            parts.Add(Duration(remaining) + " left");
        parts.Add(Bytes(progress.MemoryBytes));
        if (progress.Similarity is { } similarity)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"similarity {similarity:0.0000}"));
        if (progress.Leapt)
            parts.Add("leapt to the end");
        return string.Join(", ", parts);
    }

    public static string Line(GenerationProgress progress) => string.Create(CultureInfo.InvariantCulture,
        $"{Stage(progress.Stage)} {progress.Completed}/{progress.Total}, {Details(progress)}");

    /// <summary>One sentence about a finished video.</summary>
    public static string Summary(GeneratedVideo video, WrittenVideo written, TimeSpan elapsed)
    {
        var request = video.Request;
        string steps = video.ExecutedSteps > 0 ? string.Create(CultureInfo.InvariantCulture, $", {video.ExecutedSteps} steps") : "";
        string leap = video.LeapStep is { } step ? string.Create(CultureInfo.InvariantCulture, $", leapt at step {step}") : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"wrote {written.Path}: {video.Frames.Count} frames of {video.Frames[0].Width}x{video.Frames[0].Height} at {request.FramesPerSecond} fps, seed {request.Seed}{steps}{leap}, {Duration(elapsed)}, peak memory {Bytes(video.PeakResidentBytes)}");
    }

    public static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 0 } => "0 s",
        { TotalSeconds: < 10 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        { TotalSeconds: < 100 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min {time.Seconds} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours} h {time.Minutes} min"),
    };

    public static string Bytes(long bytes) => bytes switch
    {
        < 10_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.00} GB"),
    };
}
