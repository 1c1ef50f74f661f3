using OnDeviceSora.Tensors;

namespace OnDeviceSora.Diffusion;

/// <summary>
/// Classifier-free guidance: the velocity with the prompt, pushed away from the one without it,
/// <c>v = u + scale (c - u)</c>. Specification, section 6.
/// </summary>
/// <param name="Scale">1 follows the prediction for the prompt; more exaggerates it; 0 ignores the prompt.</param>
public readonly record struct ClassifierFreeGuidance(float Scale)
{
    /// <summary>Asks the model once, on a doubled batch, and combines both halves.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="model">The model.</param>
    /// <param name="query">The query for the undoubled latents <c>[videos, channels, frames, height, width]</c>.</param>
    /// <param name="velocity">Receives the guided velocity, of the shape of those latents.</param>
    /// <param name="cancellation">Stops the work within one block.</param>
    public void Predict(ComputeEngine engine, IVideoTransformer model, VelocityQuery query, Tensor velocity, CancellationToken cancellation)
    {
        var latents = query.Latents;
        Span<int> doubled = [2 * latents.Shape[0], .. latents.Shape.Extents[1..]];
        using var both = engine.Allocate(doubled);
        using var prediction = engine.Allocate(doubled);
        var (first, second) = Halves(both);
        first.CopyFrom(latents);
        second.CopyFrom(latents);

        var active = query.ActiveFrames;
        model.PredictVelocity(query with { Latents = both, ActiveFrames = active is null ? null : [.. active, .. active] }, prediction, cancellation);
        Combine(prediction, velocity);
    }

    private void Combine(Tensor prediction, Tensor velocity)
    {
        var (conditional, unconditional) = Halves(prediction);
        var c = conditional.Span;
        var u = unconditional.Span;
        var v = velocity.Span;
        for (var i = 0; i < v.Length; i++) v[i] = u[i] + Scale * (c[i] - u[i]);
    }

    private static (Tensor First, Tensor Second) Halves(Tensor tensor)
    {
        var half = tensor.Shape[0] / 2;
        return (tensor.Slice(0, half), tensor.Slice(half, half));
    }
}
