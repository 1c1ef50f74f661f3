namespace OnDeviceSora.Evaluation.VBench;

/// <summary>VBench's dynamic degree, from the optical flow between neighbouring frames sampled at 8 a second.</summary>
public static class DynamicDegree
{
    private const double FastShare = 0.05;

    /// <summary>Whether something moves: enough pairs of frames have a fast part.</summary>
    /// <param name="flow">Flow <c>[pairs, 2, height, width]</c> in pixels, row-major: all horizontal components of a pair, then all vertical ones.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="width">Width in pixels.</param>
    /// <exception cref="ArgumentException">The flow is not of that size.</exception>
    public static bool Moves(ReadOnlySpan<float> flow, int height, int width)
    {
        var size = 2L * height * width;
        if (size <= 0 || flow.IsEmpty || flow.Length % size != 0) throw new ArgumentException($"A flow of {flow.Length} numbers is not of pairs of frames of {width}x{height}.");
        var pairs = (int)(flow.Length / size);
        // Both limits are for pictures of 256 pixels and 16 frames.
        var threshold = 6.0 * Math.Min(height, width) / 256;
        var needed = (int)Math.Round(4.0 * (pairs + 1) / 16, MidpointRounding.ToEven);
        var fast = 0;
        for (var pair = 0; pair < pairs; pair++)
        {
            if (FastestSpeed(flow.Slice((int)(pair * size), (int)size)) > threshold) fast++;
        }

        return fast >= needed;
    }

    /// <summary>Mean speed of the fastest twentieth of the pixels, in pixels a frame.</summary>
    /// <param name="flow">Flow of one pair of frames: horizontal components, then vertical ones.</param>
    public static double FastestSpeed(ReadOnlySpan<float> flow)
    {
        var across = flow[..(flow.Length / 2)];
        var down = flow[(flow.Length / 2)..];
        var speeds = new double[across.Length];
        for (var i = 0; i < speeds.Length; i++) speeds[i] = Math.Sqrt((double)across[i] * across[i] + (double)down[i] * down[i]);
        Array.Sort(speeds);
        // A picture of fewer than 20 pixels has its fastest one.
        return speeds.AsSpan()[^Math.Max(1, (int)(speeds.Length * FastShare))..].ToArray().Average();
    }
}
