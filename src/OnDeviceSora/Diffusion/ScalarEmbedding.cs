using OnDeviceSora.Layers;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Diffusion;

/// <summary>Embeds a number, the timestep or the frame rate: sinusoids, then Linear, SiLU, Linear (specification 5.2).</summary>
internal sealed record ScalarEmbedding(Linear In, Linear Out) : IDisposable
{
    /// <summary>Frequencies of the sinusoid; it has twice as many values.</summary>
    private const int Frequencies = 128;

    /// <summary>Reads the layer; <paramref name="loader"/> stands at <c>t_embedder.</c> or <c>fps_embedder.</c>.</summary>
    public static ScalarEmbedding Load(WeightLoader loader, int width) =>
        new(loader.Linear("mlp.0", 2 * Frequencies, width), loader.Linear("mlp.2", width, width));

    /// <summary>Embeds each number.</summary>
    /// <returns>A new tensor <c>[numbers, C]</c>.</returns>
    public Tensor Run(ComputeEngine engine, ReadOnlySpan<float> numbers)
    {
        using var sinusoid = engine.Allocate(numbers.Length, 2 * Frequencies);
        for (var i = 0; i < numbers.Length; i++) Sinusoid(numbers[i], sinusoid.Span.Slice(i * 2 * Frequencies, 2 * Frequencies));
        using var hidden = In.Run(engine, sinusoid, Activation.Silu);
        return Out.Run(engine, hidden);
    }

    public void Dispose()
    {
        In.Dispose();
        Out.Dispose();
    }

    /// <summary>Cosines first. The arguments reach 1000 radians, so the frequencies keep the reference's rounding to float.</summary>
    private static void Sinusoid(float number, Span<float> values)
    {
        for (var k = 0; k < Frequencies; k++)
        {
            var angle = number * MathF.Exp((float)-Math.Log(10000) * k / Frequencies);
            values[k] = MathF.Cos(angle);
            values[Frequencies + k] = MathF.Sin(angle);
        }
    }
}
