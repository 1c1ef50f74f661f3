using OnDeviceSora.Tensors;

namespace OnDeviceSora.Bench;

/// <summary>Seeded random contents.</summary>
internal static class RandomTensors
{
    public static Tensor Normal(ComputeEngine engine, float deviation, params ReadOnlySpan<int> shape)
    {
        var random = new Random(1);
        var tensor = engine.Allocate(shape);
        foreach (ref var value in tensor.Span)
        {
            // The sum of four uniform numbers: normal enough for timing and free of denormals.
            value = deviation * 1.732f * (random.NextSingle() + random.NextSingle() + random.NextSingle() + random.NextSingle() - 2);
        }
        return tensor;
    }
}
