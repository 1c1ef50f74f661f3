using OnDeviceSora.Tensors;

namespace OnDeviceSora.Diffusion;

/// <summary>STDiT3 that has been told its captions, size and frame rate: what the sampler sees of it.</summary>
/// <param name="model">The transformer; the caller keeps it.</param>
/// <param name="text">Captions, prompts first, then the null prompt; the caller keeps them.</param>
/// <param name="video">Size and frame rate.</param>
internal sealed class ConditionedSTDiT3(STDiT3 model, TextConditioning text, VideoGeometry video) : IVideoTransformer, IDisposable
{
    private VideoConditioning? _conditioning;

    /// <inheritdoc/>
    public void PredictVelocity(VelocityQuery query, Tensor velocity, CancellationToken cancellation)
    {
        var (latents, batch) = (query.Latents, query.Latents.Shape[0]);
        Span<float> timesteps = stackalloc float[batch];
        timesteps.Fill(query.Timestep);
        var active = query.ActiveFrames is null ? null : new ActiveFrames(query.ActiveFrames, latents.Shape[2]);
        _conditioning ??= model.Condition(text, video, latents.Shape);
        using var prediction = model.Forward(latents, timesteps, _conditioning, active, query.MergeTokens, cancellation);

        // Behind the velocity the model may predict a variance, which sampling does not use.
        var length = (int)(velocity.Length / batch);
        for (var item = 0; item < batch; item++) prediction.Slice(item, 1).Span[..length].CopyTo(velocity.Slice(item, 1).Span);
    }

    /// <summary>Frees what was computed once for the video.</summary>
    public void Dispose() => _conditioning?.Dispose();
}
