using OnDeviceSora.Diffusion;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Tests.Goldens.Kinds;

/// <summary>A model that stands between sampler and model and compares what passes with the recorded trajectory.</summary>
internal sealed class TrajectoryCheck(GoldenCase golden, IVideoTransformer model, float guidance) : IVideoTransformer
{
    private int _step;

    public void PredictVelocity(VelocityQuery query, Tensor velocity, CancellationToken cancellation)
    {
        var videos = query.Latents.Shape[0] / 2;
        Check("mid.timesteps", [.. Enumerable.Repeat(query.Timestep, videos)]);
        Check("mid.z", query.Latents.Slice(0, videos).Span);
        Check("mid.z", query.Latents.Slice(videos, videos).Span);
        if (query.ActiveFrames is { } active) Check("mid.x_mask", [.. active.Take(active.Count / 2).Select(flag => flag ? 1f : 0f)]);

        model.PredictVelocity(query, velocity, cancellation);
        var conditional = velocity.Slice(0, videos).Span.ToArray();
        var unconditional = velocity.Slice(videos, videos).Span.ToArray();
        Check("mid.v", [.. conditional.Zip(unconditional, (c, u) => u + guidance * (c - u))]);
        _step++;
    }

    private void Check(string name, ReadOnlySpan<float> actual)
    {
        if (golden.Has(name)) golden.CompareEntry(name, _step, actual);
    }
}
