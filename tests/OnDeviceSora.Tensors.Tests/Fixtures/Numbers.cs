namespace OnDeviceSora.Tensors.Tests;

/// <summary>Operands for tests: the same for the same seed, with a mean that is not zero, so that signs and offsets count.</summary>
internal static class Numbers
{
    public static float[] Of(long count, int seed, float low = -1, float high = 1.25f)
    {
        var random = new Random(seed);
        var values = new float[count];
        for (var i = 0; i < values.Length; i++) values[i] = low + (high - low) * random.NextSingle();
        return values;
    }

    /// <summary>A tensor of such numbers.</summary>
    public static Tensor Fill(ComputeEngine engine, int seed, params ReadOnlySpan<int> extents) =>
        engine.From(Of(new Shape(extents).Length, seed), extents);

    /// <summary>A tensor of NaN: whatever an operation leaves unwritten stays visible.</summary>
    public static Tensor Poisoned(ComputeEngine engine, params ReadOnlySpan<int> extents)
    {
        var tensor = engine.Allocate(extents);
        tensor.Span.Fill(float.NaN);
        return tensor;
    }

    public static double[] Doubles(ReadOnlySpan<float> values)
    {
        var doubles = new double[values.Length];
        for (var i = 0; i < doubles.Length; i++) doubles[i] = values[i];
        return doubles;
    }
}
