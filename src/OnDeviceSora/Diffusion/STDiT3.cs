using OnDeviceSora.Acceleration;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Layers;
using OnDeviceSora.Streaming;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Diffusion;

/// <summary>
/// The spatial-temporal diffusion transformer of Open-Sora v1.2, of any depth, width and head size (specification 5;
/// reference <c>opensora/models/stdit/stdit3.py</c>).
/// </summary>
internal sealed class STDiT3 : IDisposable
{
    private readonly ComputeEngine _engine;
    private readonly STDiT3Config _config;
    private readonly WeightArena _ends;
    private readonly Linear _patchEmbedding;
    private readonly ScalarEmbedding _timeEmbedding;
    private readonly ScalarEmbedding _frameRateEmbedding;
    private readonly Linear _timeBlock;
    private readonly FinalLayer _finalLayer;
    private readonly RopeTables _rope;
    private readonly BlockStreamer<STDiT3BlockWeights> _blocks;

    private STDiT3(WeightLoader loader, STDiT3Config config, WeightArena ends, BlockStreamer<STDiT3BlockWeights> blocks)
    {
        var width = config.HiddenSize;
        _engine = loader.Engine;
        _config = config;
        _ends = ends;
        _blocks = blocks;
        _patchEmbedding = loader.Linear("x_embedder.proj", [width, config.InChannels, 1, config.PatchSize.Height, config.PatchSize.Width]);
        _timeEmbedding = ScalarEmbedding.Load(loader.Within("t_embedder"), width);
        _frameRateEmbedding = ScalarEmbedding.Load(loader.Within("fps_embedder"), width);
        _timeBlock = loader.Linear("t_block.1", width, 6 * width);
        Caption = CaptionEmbedding.Load(loader.Within("y_embedder"), config);
        _finalLayer = FinalLayer.Load(loader.Within("final_layer"), width, config.PatchSize.Height * config.PatchSize.Width * config.OutChannels);
        _rope = new RopeTables(_engine, RopeFrequencies(loader, config.HeadSize));
    }

    /// <summary>The caption's embedding layer and the null caption.</summary>
    public CaptionEmbedding Caption { get; }

    /// <summary>In how many slices the blocks compute their sublayers. Results do not depend on it.</summary>
    internal ActivationSlices Slices { get; set; } = ActivationSlices.Whole;

    /// <summary>Receives each stage's result by the name the reference's trace gives it; for tests.</summary>
    internal Action<string, Tensor>? Observer { get; set; }

    /// <summary>The blocks, for measurements of single ones.</summary>
    internal BlockStreamer<STDiT3BlockWeights> Blocks => _blocks;

    /// <summary>Rotary angles of the temporal blocks.</summary>
    internal RopeTables Rope => _rope;

    /// <summary>Opens the model of a checkpoint with the published names: loads its ends, and streams its blocks when it runs.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="checkpoint">The weights; stays open as long as the model.</param>
    /// <param name="config">Their sizes.</param>
    /// <param name="streaming">How the blocks come into memory; <c>null</c> to keep all once they are loaded.</param>
    /// <exception cref="InvalidModelException">A tensor is missing or has another shape.</exception>
    public static STDiT3 Load(ComputeEngine engine, Checkpoint checkpoint, STDiT3Config config, StreamingSettings? streaming = null)
    {
        var parts = ModelBlocks.STDiT3(config);
        return ModelStreamer.Open(engine, checkpoint, parts[0],
            () => ModelStreamer.Create(engine, checkpoint, ModelFolder.TransformerName, [.. parts.Skip(1)],
                (loader, index) => STDiT3BlockWeights.Load(loader.Within(BlockName.At(index).ToString()), config), streaming ?? StreamingSettings.AllResident),
            (loader, ends, streamer) => new STDiT3(loader, config, ends, streamer));
    }

    /// <summary>Computes what is the same in every step of a video.</summary>
    /// <param name="text">The captions; the caller keeps them.</param>
    /// <param name="video">Size and frame rate.</param>
    /// <param name="latents">Shape of the latents, <c>[batch, in channels, T, h, w]</c>.</param>
    public VideoConditioning Condition(TextConditioning text, VideoGeometry video, Shape latents)
    {
        var grid = new PatchGrid(latents[2], latents[3], latents[4], _config.PatchSize.Height, _config.PatchSize.Width);
        var scale = Math.Sqrt((double)video.Height * video.Width) / _config.InputSqSize;
        var positions = _engine.Allocate(grid.Patches, _config.HiddenSize);
        PositionEmbedding.Compute(grid.Rows, grid.Columns, scale, positions);
        return new VideoConditioning(text, grid, _frameRateEmbedding.Run(_engine, [video.FramesPerSecond]), positions);
    }

    /// <summary>One call of the model.</summary>
    /// <param name="latents">Noisy latents <c>[batch, in channels, T, h, w]</c>.</param>
    /// <param name="timesteps">Timesteps, 0 to 1000, one for each batch item.</param>
    /// <param name="video">What <see cref="Condition"/> made for latents of this shape.</param>
    /// <param name="mask">Which frames are being denoised, or <c>null</c> for all.</param>
    /// <param name="merge">Whether attention sees merged frames.</param>
    /// <param name="cancellation">Looked at before every block.</param>
    /// <returns>A new tensor <c>[batch, out channels, T, h, w]</c>; the first in-channels are the velocity.</returns>
    public Tensor Forward(
        Tensor latents, ReadOnlySpan<float> timesteps, VideoConditioning video, ActiveFrames? mask, bool merge, CancellationToken cancellation)
    {
        var (batch, grid) = (latents.Shape[0], video.Grid);
        using var noisy = EmbedTime(timesteps, video.FrameRate);
        var clean = mask is null ? null : video.Clean(() => EmbedTime(new float[batch], video.FrameRate));
        using var modulation = StepModulation.Create(_engine, noisy.Modulation, clean?.Modulation, mask, grid.Frames, grid.Patches);
        using var tokens = EmbedPatches(latents, video);
        ObserveStart(noisy, clean, tokens);

        var step = new STDiT3Step(modulation, video.Text, new TemporalTokenMerging(merge), _rope, Slices);
        foreach (var block in _blocks.Pass(cancellation))
        {
            var name = BlockName.At(block.Index);
            new STDiT3Block(_engine, block.Weights, _config.NumHeads, name).Forward(tokens, step);
            if (Observer is not null) Observe(name.Kind == BlockKind.Spatial ? $"spatial.{name.Pair}" : $"temporal.{name.Pair}", tokens);
        }

        using var patches = _finalLayer.Run(_engine, tokens, noisy.Embedding, clean?.Embedding, mask);
        Observe("final", patches);
        var output = _engine.Allocate(batch, _config.OutChannels, grid.Frames, grid.Height, grid.Width);
        grid.Scatter(patches, output);
        return output;
    }

    public void Dispose()
    {
        _ends.Dispose();
        _rope.Dispose();
        _blocks.Dispose();
    }

    /// <summary>The checkpoint's frequencies; where it holds none, those it was trained with: 10000^(-2i/d).</summary>
    private static float[] RopeFrequencies(WeightLoader loader, int headSize)
    {
        if (!loader.Has("rope.freqs")) return [.. Enumerable.Range(0, headSize / 2).Select(i => 1 / MathF.Pow(10000, 2f * i / headSize))];
        using var frequencies = loader.Tensor("rope.freqs", headSize / 2);
        return frequencies.Span.ToArray();
    }

    /// <summary>Embeds timesteps, each with the frame rate's embedding added.</summary>
    private TimeEmbedding EmbedTime(ReadOnlySpan<float> timesteps, Tensor frameRate)
    {
        var t = _timeEmbedding.Run(_engine, timesteps);
        for (var item = 0; item < timesteps.Length; item++) Elementwise.Add(_engine, t.Slice(item, 1), frameRate);
        using var activated = _engine.Allocate(t.Shape.Extents);
        activated.CopyFrom(t);
        Elementwise.Silu(_engine, activated);
        return new TimeEmbedding(t, _timeBlock.Run(_engine, activated));
    }

    /// <summary>Tokens <c>[batch, T, patches, C]</c>: patch embedding plus position embedding.</summary>
    private Tensor EmbedPatches(Tensor latents, VideoConditioning video)
    {
        var (batch, grid) = (latents.Shape[0], video.Grid);
        var tokens = _engine.Allocate(batch, grid.Frames, grid.Patches, _config.HiddenSize);
        var all = tokens.Span;
        var positions = video.Positions.Span;
        for (var frame = 0; frame < batch * grid.Frames; frame++) positions.CopyTo(all[(frame * positions.Length)..]);
        using var patches = _engine.Allocate(batch, grid.Frames, grid.Patches, _config.InChannels * grid.PatchHeight * grid.PatchWidth);
        grid.Gather(latents, patches);
        _patchEmbedding.Run(_engine, patches, tokens, new Epilogue { Residual = tokens });
        return tokens;
    }

    private void ObserveStart(TimeEmbedding noisy, TimeEmbedding? clean, Tensor tokens)
    {
        Observe("t", noisy.Embedding);
        Observe("t_mlp", noisy.Modulation);
        if (clean is not null) Observe("t0", clean.Embedding);
        if (clean is not null) Observe("t0_mlp", clean.Modulation);
        Observe("x_embed", tokens);
    }

    private void Observe(string name, Tensor value) => Observer?.Invoke(name, value);
}
