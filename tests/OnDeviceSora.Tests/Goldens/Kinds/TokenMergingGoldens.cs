using OnDeviceSora.Acceleration;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Tests.Goldens.Kinds;

/// <summary>
/// The frame counts that the reference can merge. Here every count must work, by the one rule that equals the reference
/// where it runs: M = T / 2 merged frames, frame t takes merged frame min(t / 2, M - 1), a single frame stays.
/// </summary>
internal static class TokenMergingGoldens
{
    public static void Run(GoldenCase golden)
    {
        using var engine = new ComputeEngine();
        var merging = new TemporalTokenMerging(Active: true);
        var stated = golden.Root.GetProperty("per_T").EnumerateObject().Select(entry => int.Parse(entry.Name, System.Globalization.CultureInfo.InvariantCulture));
        var supported = golden.Root.GetProperty("ok").EnumerateArray().Select(frames => frames.GetInt32());
        foreach (var frames in stated.Union(supported)) new Tolerance(1e-6, 0).Compare($"T = {frames}", Expected(frames), Merge(engine, merging, frames));
    }

    /// <summary>Twice the mean of the pair whose result each frame takes, added to frame index t.</summary>
    private static float[] Expected(int frames)
    {
        if (frames == 1) return [0];
        var merged = frames / 2;
        return [.. Enumerable.Range(0, frames).Select(t => t + 2 * (2 * Math.Min(t / 2, merged - 1) + 0.5f))];
    }

    /// <summary>Merges frames whose value is their index around an "attention" that doubles.</summary>
    private static float[] Merge(ComputeEngine engine, TemporalTokenMerging merging, int frames)
    {
        using var tokens = engine.From([.. Enumerable.Range(0, frames).Select(t => (float)t)], 1, frames, 1, 1);
        using var x = engine.From(tokens.Span, 1, frames, 1, 1);
        using var doubling = PackedMatrix.Pack(engine, [2], 1, 1);
        var pairs = merging.PairsOf(tokens.Shape);
        using var merged = engine.Allocate(1, pairs?.MergedFrames ?? frames, 1, 1);
        if (pairs is { } p) p.Average(engine, x, merged);
        else merged.CopyFrom(x);
        MatMul.Run(engine, merged, doubling, tokens, new Epilogue { Residual = tokens, Expansion = pairs });
        return tokens.Span.ToArray();
    }
}
