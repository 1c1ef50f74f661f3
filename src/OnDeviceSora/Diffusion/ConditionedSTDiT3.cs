using OnDeviceSora.Tensors;

namespace OnDeviceSora.Diffusion;

/// <summary>STDiT3 for one sampling: it knows its prompts, the null prompt beside each of them, and the video's size and frame rate.</summary>
internal sealed class ConditionedSTDiT3 : IVideoTransformer, IDisposable
{
    private readonly STDiT3 _model;
    private readonly TextConditioning _text;
    private readonly VideoGeometry _video;

    private ConditionedSTDiT3(STDiT3 model, TextConditioning text, VideoGeometry video)
    {
        _model = model;
        _text = text;
        _video = video;
    }

    /// <summary>Embeds the captions once for all steps.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="model">The transformer; must outlive this object.</param>
    /// <param name="captions">Text features <c>[videos, rows, caption channels]</c>, rows at most the model's text length.</param>
    /// <param name="mask">
    /// Videos by rows: true where a row counts. The null prompt shows as many of its rows as the prompt it stands beside.
    /// </param>
    /// <param name="video">Size and frame rate.</param>
    public static ConditionedSTDiT3 Create(ComputeEngine engine, STDiT3 model, Tensor captions, bool[] mask, VideoGeometry video)
    {
        var (videos, rows, channels) = (captions.Shape[0], captions.Shape[1], captions.Shape[2]);
        using var features = engine.Allocate(2 * videos, rows, channels);
        features.Slice(0, videos).CopyFrom(captions);
        for (var i = 0; i < videos; i++) features.Slice(videos + i, 1).CopyFrom(model.Caption.Null.Slice(0, rows));
        return new ConditionedSTDiT3(model, model.Caption.Run(engine, features, [.. mask, .. mask]), video);
    }

    /// <inheritdoc/>
    public void PredictVelocity(VelocityQuery query, Tensor velocity, CancellationToken cancellation)
    {
        var latents = query.Latents;
        var timesteps = new float[latents.Shape[0]];
        Array.Fill(timesteps, query.Timestep);
        var active = query.ActiveFrames is { } flags ? new ActiveFrames(flags, latents.Shape[2]) : null;
        using var output = _model.Forward(latents, timesteps, _text, _video, active, query.MergeTokens, cancellation);
        TakeVelocity(output, velocity);
    }

    /// <summary>Frees the embedded captions.</summary>
    public void Dispose() => _text.Dispose();

    /// <summary>The first channels of each item; those behind them are a variance that sampling does not use.</summary>
    private static void TakeVelocity(Tensor output, Tensor velocity)
    {
        var channels = velocity.Shape[1];
        for (var item = 0; item < velocity.Shape[0]; item++)
        {
            var all = output.Slice(item, 1).Reshape(output.Shape.Extents[1..]);
            velocity.Slice(item, 1).CopyFrom(all.Slice(0, channels));
        }
    }
}
