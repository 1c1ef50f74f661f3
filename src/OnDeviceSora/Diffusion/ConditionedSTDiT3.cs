using OnDeviceSora.Tensors;

namespace OnDeviceSora.Diffusion;

/// <summary>STDiT3 that has been told its captions, size and frame rate: what the sampler sees of it.</summary>
/// <param name="model">The transformer; the caller keeps it.</param>
/// <param name="text">Captions, prompts first, then the null prompt; the caller keeps them.</param>
/// <param name="video">Size and frame rate.</param>
internal sealed class ConditionedSTDiT3(STDiT3 model, TextConditioning text, VideoGeometry video) : IVideoTransformer
{
    /// <inheritdoc/>
    public void PredictVelocity(VelocityQuery query, Tensor velocity, CancellationToken cancellation)
    {
        var batch = query.Latents.Shape[0];
        var timesteps = new float[batch];
        Array.Fill(timesteps, query.Timestep);
        var active = query.ActiveFrames is null ? null : new ActiveFrames(query.ActiveFrames, query.Latents.Shape[2]);
        using var prediction = model.Forward(query.Latents, timesteps, text, video, active, query.MergeTokens, cancellation);

        // Behind the velocity the model may predict a variance, which sampling does not use.
        var length = (int)(velocity.Length / batch);
        for (var item = 0; item < batch; item++) prediction.Slice(item, 1).Span[..length].CopyTo(velocity.Slice(item, 1).Span);
    }
}
