using OnDeviceSora.Media;
using OnDeviceSora.Streaming;

namespace OnDeviceSora.Cli.Tests;

/// <summary>Stands in for the pipeline: frames that depend on the seed, at once, with the reports of a real run.</summary>
internal sealed class FakeGenerator : IVideoGenerator
{
    /// <summary>Thrown in place of a result.</summary>
    public Exception? Failure { get; init; }

    /// <summary>Thrown by the decoding.</summary>
    public Exception? DecodingFailure { get; init; }

    /// <summary>Called in the middle of the work.</summary>
    public Action? During { get; init; }

    /// <summary>The option that it was opened with.</summary>
    public int? DecodeTile { get; set; }

    public VideoRequest? Generated { get; private set; }

    public bool IsDisposed { get; private set; }

    public VideoRequest Resolve(VideoRequest request)
    {
        if (request.Width % 8 != 0 && request.Width is not null)
            throw new InvalidRequestException(nameof(request.Width), $"width {request.Width} is not a multiple of 8");
        if (request.GuidanceScale < 0)
            throw new InvalidRequestException(nameof(request.GuidanceScale), "guidance must be 0 to 100");
        return request with
        {
            Width = request.Width ?? 16,
            Height = request.Height ?? 8,
            Frames = request.Frames ?? 3,
            FramesPerSecond = request.FramesPerSecond ?? 12,
            Steps = request.Steps ?? 30,
            GuidanceScale = request.GuidanceScale ?? 7,
        };
    }

    /// <summary>The tile that the plan takes because nothing else fits.</summary>
    public int? TileForMemory { get; init; }

    public GenerationPlan Plan(VideoRequest request, bool measureSpeed) => new()
    {
        BudgetBytes = 3_300_000_000,
        BaselineBytes = 100_000_000,
        FrameBytes = 1_000,
        Streaming = StreamingMode.ConcurrentDynamic,
        Stages = [.. Enum.GetValues<PlannedStage>().Select(stage => new StagePlan(
            stage, 56, 30, 41, 1_800_000_000, 85_000_000, 400_000_000, 60_000_000, 2_400_000_000, 5_000_000_000, 1e12, measureSpeed ? TimeSpan.FromSeconds(60) : null))],
        AttentionSlices = 1,
        CrossAttentionSlices = 1,
        MlpSlices = 4,
        DecodeTile = TileForMemory,
        TilesForMemory = TileForMemory is not null,
    };

    public Task<VideoLatents> SampleAsync(VideoRequest request, GenerationCheckpoint? checkpoint, IProgress<GenerationProgress> progress, CancellationToken cancellation)
    {
        Generated = request;
        Sample(progress, cancellation);
        return Task.FromResult(new VideoLatents([1, 2, 3, 4], 4, 1, 1, 1, request) { DecodeTile = DecodeTile });
    }

    public Task<GeneratedVideo> DecodeAsync(VideoLatents latents, IProgress<GenerationProgress> progress, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (DecodingFailure is not null)
            throw DecodingFailure;
        Report(progress, GenerationStage.Decoding, 3, 3);
        return Task.FromResult(Video(latents));
    }

    public void Dispose() => IsDisposed = true;

    private void Sample(IProgress<GenerationProgress> progress, CancellationToken cancellation)
    {
        Report(progress, GenerationStage.TextEncoding, 1, 1);
        Report(progress, GenerationStage.Denoising, 1, 30);
        During?.Invoke();
        cancellation.ThrowIfCancellationRequested();
        if (Failure is not null)
            throw Failure;
        progress.Report(new GenerationProgress
        {
            Stage = GenerationStage.Denoising,
            Completed = 16,
            Total = 30,
            Elapsed = TimeSpan.FromSeconds(3),
            MemoryBytes = 123_000_000,
            Similarity = 0.9987f,
            Leapt = true,
        });
    }

    private GeneratedVideo Video(VideoLatents latents)
    {
        var request = latents.Request;
        return new GeneratedVideo
        {
            Frames = [.. Enumerable.Range(0, request.Frames!.Value).Select(t => Frame(request, t))],
            Request = request,
            Model = "fake 00",
            Timings = new Dictionary<GenerationStage, TimeSpan> { [GenerationStage.Denoising] = TimeSpan.FromSeconds(3) },
            PeakTensorBytes = 5,
            PeakResidentBytes = 6,
            ExecutedSteps = 16,
            LeapStep = 15,
            Similarities = [0.5f, 0.9987f],
            DecodeTile = DecodeTile,
            Latents = latents,
        };
    }

    private static VideoFrame Frame(VideoRequest request, int time)
    {
        var rgb = new byte[request.Width!.Value * request.Height!.Value * 3];
        new Random((int)request.Seed + time).NextBytes(rgb);
        return new VideoFrame(request.Width.Value, request.Height.Value, rgb);
    }

    private static void Report(IProgress<GenerationProgress> progress, GenerationStage stage, int completed, int total) =>
        progress.Report(new GenerationProgress
        {
            Stage = stage,
            Completed = completed,
            Total = total,
            Elapsed = TimeSpan.FromSeconds(1),
            Remaining = TimeSpan.FromSeconds(72),
            MemoryBytes = 123_000_000,
        });
}
