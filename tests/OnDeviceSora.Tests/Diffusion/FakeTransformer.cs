using OnDeviceSora.Diffusion;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Tests.Diffusion;

/// <summary>A model whose velocity is computed by a function of (query, element index, conditional half or not).</summary>
internal sealed class FakeTransformer(Func<VelocityQuery, int, bool, float> velocityOf) : IVideoTransformer
{
    /// <summary>Every query it got: timestep, whether tokens were merged, and which frames were active.</summary>
    public List<(float Timestep, bool Merged, bool[]? Active)> Queries { get; } = [];

    public void PredictVelocity(VelocityQuery query, Tensor velocity, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Queries.Add((query.Timestep, query.MergeTokens, query.ActiveFrames?.ToArray()));
        var values = velocity.Span;
        var half = values.Length / 2;
        for (var i = 0; i < values.Length; i++) values[i] = velocityOf(query, i % half, i < half);
    }
}
