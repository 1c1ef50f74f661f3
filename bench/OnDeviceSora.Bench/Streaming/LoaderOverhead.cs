using System.Diagnostics;
using OnDeviceSora.Acceleration;
using OnDeviceSora.Benchmarks;
using OnDeviceSora.Budget;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Diffusion;
using OnDeviceSora.Streaming;
using OnDeviceSora.Tensors;
using OnDeviceSora.Timeline;

namespace OnDeviceSora.Bench.Streaming;

/// <summary>What the streamer costs when every block is in memory: its loop against a plain one over the same weights.</summary>
/// <param name="Work"><c>stdit</c>.</param>
/// <param name="Mode"><c>resident-overhead</c>.</param>
/// <param name="Seconds">A pass handed out by the streamer, the median of several.</param>
/// <param name="PlainSeconds">A pass of the plain loop, taken in turn with the other.</param>
/// <param name="Overhead">The median of their relations, less 1.</param>
internal sealed record LoaderOverhead(string Work, string Mode, double Seconds, double PlainSeconds, double Overhead)
{
    // As many pairs as a minute has room for.
    private const int MostRuns = 21;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>As a generation runs: it records, measures memory at every block, and keeps what fits, here all.</summary>
    private static StreamingSettings Everything => new() { Mode = StreamingMode.ConcurrentDynamic, Budget = new MemoryBudget(1L << 50), Timeline = new BlockTimeline() };
    private const int TextTokens = 30;

    /// <summary>Measures.</summary>
    public static LoaderOverhead Measure(ComputeEngine engine, ModelFolder model, int latentFrames, int patches)
    {
        var config = model.Config.Transformer;
        using var streamer = ModelStreamer.Create(engine, model.Transformer, "transformer", [.. ModelBlocks.STDiT3(config).Skip(1)],
            (loader, index) => STDiT3BlockWeights.Load(loader.Within(BlockName.At(index).ToString()), config), Everything);
        var plain = streamer.Pass(default).Select(block => block.Weights).ToList();

        using var rope = new RopeTables(engine, [.. Enumerable.Range(0, config.HeadSize / 2).Select(i => MathF.Pow(10000, -2f * i / config.HeadSize))]);
        using var timestep = RandomTensors.Normal(engine, 0.1f, 2, 6 * config.HiddenSize);
        using var modulation = StepModulation.Create(engine, timestep, null, null, latentFrames, patches);
        using var text = new TextConditioning(engine, RandomTensors.Normal(engine, 1, 2, TextTokens, config.HiddenSize), [TextTokens, TextTokens]);
        using var start = RandomTensors.Normal(engine, 1, 2, latentFrames, patches, config.HiddenSize);
        using var tokens = engine.Allocate(start.Shape.Extents);
        var step = new STDiT3Step(modulation, text, new TemporalTokenMerging(Active: false), rope, ActivationSlices.Whole);

        void RunBlock(int index, STDiT3BlockWeights weights) => new STDiT3Block(engine, weights, config.NumHeads, BlockName.At(index)).Forward(tokens, step);
        var (streamed, looped) = (new List<double>(), new List<double>());
        var begun = Stopwatch.StartNew();
        for (var run = -1; run < MostRuns && (run < 3 || begun.Elapsed < Longest); run++)
        {
            var bare = Time(() => { for (var i = 0; i < plain.Count; i++) RunBlock(i, plain[i]); });
            var handed = Time(() => { foreach (var block in streamer.Pass(default)) RunBlock(block.Index, block.Weights); });
            if (run < 0) continue;
            streamed.Add(handed);
            looped.Add(bare);
        }
        return new LoaderOverhead("stdit", "resident-overhead", Median(streamed), Median(looped), Median(streamed.Zip(looped, (s, l) => s / l)) - 1);

        double Time(Action pass)
        {
            tokens.CopyFrom(start);
            var clock = Stopwatch.StartNew();
            pass();
            return clock.Elapsed.TotalSeconds;
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
