using OnDeviceSora.Autoencoder;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Diffusion;
using OnDeviceSora.Streaming;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Pipeline.Planning;

/// <summary>
/// Decides, before anything is loaded, what each stage keeps in memory so that the process stays within its budget: first by
/// streaming blocks, then by computing sublayers in slices, and only then by decoding pictures in tiles, which changes them.
/// </summary>
/// <param name="engine">Where it will run.</param>
/// <param name="config">The models' sizes.</param>
/// <param name="weights">What the models weigh.</param>
/// <param name="limits">What to keep to.</param>
/// <param name="speed">How fast the machine is, or <c>null</c> for plans without times.</param>
internal sealed class GenerationPlanner(ComputeEngine engine, ModelConfig config, PipelineWeights weights, PlanningLimits limits, MachineSpeed? speed = null)
{
    /// <summary>Tiles that are tried, in latent cells, largest first.</summary>
    private static readonly int[] Tiles = [64, 48, 32, 24, 16, 12, 8];

    /// <summary>Plans a generation.</summary>
    /// <param name="request">A complete request.</param>
    /// <param name="textTokens">Tokens of its prompt.</param>
    /// <returns>The plan, or <c>null</c> when nothing fits the budget.</returns>
    public GenerationPlan? TryPlan(VideoRequest request, int textTokens)
    {
        var plan = Choose(request, textTokens);
        return plan.PeakBytes <= limits.BudgetBytes ? plan : null;
    }

    /// <summary>The smallest budget that a request fits.</summary>
    public long SmallestBudget(VideoRequest request, int textTokens) =>
        new GenerationPlanner(engine, config, weights, limits with { BudgetBytes = 0 }).Choose(request, textTokens).PeakBytes;

    /// <summary>The best plan that fits or, where none does, the one that takes the least.</summary>
    private GenerationPlan Choose(VideoRequest request, int textTokens)
    {
        var (frames, size) = (request.Frames!.Value, LatentSize.Of(config.Vae, request.Frames.Value, request.Height!.Value, request.Width!.Value));
        var frameBytes = 3L * frames * request.Height.Value * request.Width.Value;
        var transformer = new TransformerWork(engine, config, request, textTokens, weights.Transformer.HasBytes);
        var passes = (Chunks: (size.Frames + config.Vae.MicroLatentFrames - 1) / config.Vae.MicroLatentFrames, transformer.Steps);

        var (stages, scratch, slices, keepsText) = (new List<StagePlan>(), 0L, ActivationSlices.Whole, true);
        if (!limits.DecodingOnly)
        {
            Add(PlannedStage.TextEncoding, weights.TextEncoder, 1, TextWork.Of(engine, config.TextEncoder, textTokens), 0);
            (slices, keepsText) = ChooseSlices(transformer, scratch);
            Add(PlannedStage.Denoising, weights.Transformer, passes.Steps, transformer.Of(slices, keepsText), 0);
        }
        Add(PlannedStage.TemporalDecoding, weights.TemporalDecoder, passes.Chunks, DecoderWork.Temporal(engine, config.Vae, size, frames), 0);
        var tile = ChooseTile(size, frames, frameBytes, scratch);
        var perPicture = DecoderWork.Tiles(tile, size.Height) * DecoderWork.Tiles(tile, size.Width);
        Add(PlannedStage.SpatialDecoding, weights.SpatialDecoder, frames * perPicture, DecoderWork.Spatial(engine, config.Vae, size, frames, tile), frameBytes);
        return new GenerationPlan
        {
            BudgetBytes = limits.BudgetBytes,
            BaselineBytes = limits.BaselineBytes,
            FrameBytes = frameBytes,
            Streaming = limits.Mode,
            Stages = stages,
            AttentionSlices = slices.Attention,
            CrossAttentionSlices = slices.CrossAttention,
            MlpSlices = slices.Mlp,
            KeepsText = keepsText,
            DecodeTile = tile,
            TilesForMemory = tile is not null && limits.DecodeTile is null,
        };

        void Add(PlannedStage kind, ModelWeights model, int count, StageWork work, long extra)
        {
            // Threads keep their scratch memory from stage to stage.
            scratch = Math.Max(scratch, work.ScratchBytes);
            stages.Add(Stage(kind, model, count, work with { ScratchBytes = scratch }, extra));
        }
    }

    private StagePlan Stage(PlannedStage kind, ModelWeights model, int passes, StageWork work, long extra)
    {
        var working = work.WorkingBytes;
        var other = limits.BaselineBytes + extra + working;
        var placement = BlockPlacement.For(model, limits.Mode, passes, limits.BudgetBytes - other);
        var (stays, all) = (model.Blocks.Take(placement.Resident).Sum(block => block.StoredBytes), model.Blocks.Sum(block => block.StoredBytes));
        var load = model.Ends.StoredBytes + stays + (all - stays) * passes;
        return new StagePlan(
            kind, model.Blocks.Count, passes, placement.Resident, placement.WeightBytes, placement.BufferBytes, working, work.TextBytes,
            other + placement.Bytes, load, work.Operations, TimeOf(kind, passes, all, all - stays, model.Ends.StoredBytes, work.Operations));
    }

    /// <summary>Loading and computing one after the other, or side by side in every pass.</summary>
    private TimeSpan? TimeOf(PlannedStage kind, int passes, long first, long again, long ends, double operations)
    {
        if (speed is not { } machine) return null;
        var rate = kind switch
        {
            PlannedStage.Denoising when weights.Transformer.HasBytes => machine.ByteOperationsPerSecond,
            PlannedStage.TemporalDecoding or PlannedStage.SpatialDecoding => machine.ConvolutionOperationsPerSecond,
            _ => machine.OperationsPerSecond,
        };
        var compute = operations / rate / passes;
        var blocks = limits.Mode == StreamingMode.Sequential
            ? passes * compute + Load(first + (double)again * (passes - 1))
            : Math.Max(compute, Load(first)) + (passes - 1) * Math.Max(compute, Load(again));
        return TimeSpan.FromSeconds(Load(ends) + blocks);

        double Load(double bytes) => bytes / machine.BytesPerSecond;
    }

    /// <summary>
    /// Whole sublayers if they fit; else the largest of them in twice as many slices, until all fit or nothing gets smaller. Where that
    /// is not enough, the same without keeping the text's keys and values.
    /// </summary>
    private (ActivationSlices Slices, bool KeepsText) ChooseSlices(TransformerWork work, long scratch)
    {
        var needed = limits.BaselineBytes + BlockPlacement.Smallest(weights.Transformer, limits.Mode).Bytes;
        var all = work.Slicings().ToList();
        foreach (var keepsText in (ReadOnlySpan<bool>)[true, false])
        {
            var first = all.FindIndex(slices => Fits(work.Of(slices, keepsText)));
            if (first >= 0) return (all[first], keepsText);
        }
        return (all[^1], false);

        bool Fits(StageWork taken) =>
            needed + (taken with { ScratchBytes = Math.Max(scratch, taken.ScratchBytes) }).WorkingBytes <= limits.BudgetBytes;
    }

    /// <summary>The tile that was asked for; else whole pictures or, if only they keep to the budget, the largest tiles that do.</summary>
    private int? ChooseTile(LatentSize size, int frames, long frameBytes, long scratch)
    {
        if (limits.DecodeTile is { } chosen || Fits(null)) return limits.DecodeTile;
        var smaller = Tiles.Where(tile => tile < Math.Max(size.Height, size.Width)).ToList();
        return smaller.Count == 0 ? null : smaller.Cast<int?>().FirstOrDefault(Fits, smaller[^1]);

        bool Fits(int? tile)
        {
            var work = DecoderWork.Spatial(engine, config.Vae, size, frames, tile);
            return limits.BaselineBytes + frameBytes + (work with { ScratchBytes = Math.Max(scratch, work.ScratchBytes) }).WorkingBytes
                + BlockPlacement.Smallest(weights.SpatialDecoder, limits.Mode).Bytes <= limits.BudgetBytes;
        }
    }
}
