using System.Text.Json;
using OnDeviceSora.Diffusion;

namespace OnDeviceSora.Tests.Goldens.Kinds;

/// <summary>PyTorch's CPU noise for a seed.</summary>
internal static class NoiseGoldens
{
    // PyTorch's own vectorised logarithm and sine are a few bits off; the numbers are of the order of 1.
    private static readonly Tolerance LastBits = new(1e-6, 1e-6);

    public static void Run(GoldenCase golden)
    {
        foreach (var sample in golden.Root.GetProperty("samples").EnumerateArray())
        {
            var generator = new NoiseGenerator(sample.GetProperty("seed").GetInt64());
            var values = new float[Length(sample)];
            var uniform = sample.TryGetProperty("rand", out var rand) && rand.GetBoolean();
            if (uniform) generator.FillUniform(values);
            else generator.FillNormal(values);

            var name = $"seed {sample.GetProperty("seed")}, {values.Length} values, ";
            Compare(name + "first", sample, "first", expected => values.AsSpan(0, expected));
            Compare(name + "last", sample, "last", expected => values.AsSpan(values.Length - expected));
            Compare(name + "next 3", sample, "next_randn3", expected =>
            {
                var next = new float[expected];
                generator.FillNormal(next);
                return next;
            });
            CompareMoments(name, sample, values);
        }
    }

    private delegate ReadOnlySpan<float> Part(int length);

    private static void Compare(string name, JsonElement sample, string key, Part actual)
    {
        if (!sample.TryGetProperty(key, out var list)) return;
        float[] expected = [.. list.EnumerateArray().Select(number => number.GetSingle())];
        LastBits.Compare(name, expected, actual(expected.Length));
    }

    private static void CompareMoments(string name, JsonElement sample, float[] values)
    {
        if (!sample.TryGetProperty("mean", out var stated)) return;
        var mean = values.Average(v => (double)v);
        var deviation = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1));
        LastBits.Compare(name + "mean", [stated.GetSingle()], [(float)mean]);
        LastBits.Compare(name + "std", [sample.GetProperty("std").GetSingle()], [(float)deviation]);
    }

    private static int Length(JsonElement sample) => sample.TryGetProperty("numel", out var length)
        ? length.GetInt32()
        : sample.GetProperty("shape").EnumerateArray().Aggregate(1, (product, extent) => product * extent.GetInt32());
}
