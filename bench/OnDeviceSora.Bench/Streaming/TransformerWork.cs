using OnDeviceSora.Autoencoder;
using OnDeviceSora.Benchmarks;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Diffusion;
using OnDeviceSora.Streaming;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Bench.Streaming;

/// <summary>Calls of STDiT3 on the doubled batch of a video.</summary>
internal sealed class TransformerWork : IStreamedWork, IDisposable
{
    private const int TextTokens = 30;

    private readonly ComputeEngine _engine;
    private readonly ModelFolder _model;
    private readonly VideoGeometry _video;
    private readonly Tensor _latents;

    public TransformerWork(ComputeEngine engine, ModelFolder model, int frames, int side, int steps)
    {
        (_engine, _model, Passes) = (engine, model, steps);
        _video = new VideoGeometry(side, side, 24);
        var size = LatentSize.Of(model.Config.Vae, frames, side, side);
        _latents = RandomTensors.Normal(engine, 1, 2, model.Config.Vae.LatentChannels, size.Frames, size.Height, size.Width);
    }

    public string Name => "stdit";

    public int Passes { get; }

    public int Runs => 1;

    /// <summary>Frames of the latents.</summary>
    public int LatentFrames => _latents.Shape[2];

    /// <summary>Patches of each frame.</summary>
    public int Patches => _latents.Shape[3] * _latents.Shape[4] / 4;

    public IDisposable Open(StreamingSettings settings) => new Run(_engine, STDiT3.Load(_engine, _model.Transformer, _model.Config.Transformer, settings), _video, _latents.Shape);

    public void RunPass(IDisposable model)
    {
        var run = (Run)model;
        using var velocity = run.Transformer.Forward(_latents, [500, 500], run.Video, null, merge: false, CancellationToken.None);
        if (!velocity.Span.ToArray().All(float.IsFinite)) throw new InvalidOperationException("The synthetic model's output is not finite.");
    }

    public void Dispose() => _latents.Dispose();

    /// <summary>One open model with its caption, whose keys and values the first pass computes.</summary>
    private sealed class Run : IDisposable
    {
        public Run(ComputeEngine engine, STDiT3 transformer, VideoGeometry video, Shape latents)
        {
            Transformer = transformer;
            using var features = RandomTensors.Normal(engine, 1, 2, TextTokens, transformer.Caption.Null.Shape[1]);
            Text = transformer.Caption.Run(engine, features, [.. Enumerable.Repeat(true, 2 * TextTokens)]);
            Video = transformer.Condition(Text, video, latents);
        }

        public STDiT3 Transformer { get; }

        public VideoConditioning Video { get; }

        private TextConditioning Text { get; }

        public void Dispose()
        {
            Video.Dispose();
            Text.Dispose();
            Transformer.Dispose();
        }
    }
}
