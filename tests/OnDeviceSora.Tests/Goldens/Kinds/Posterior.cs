namespace OnDeviceSora.Tests.Goldens.Kinds;

/// <summary>Compares an encoder's moments with the recorded posterior.</summary>
internal static class Posterior
{
    /// <summary>Splits moments and compares mean, clamped log-variance and, where recorded, standard deviation.</summary>
    /// <param name="golden">The case.</param>
    /// <param name="moments">Channels-first moments: in each picture first all means, then all log-variances.</param>
    /// <param name="pictures">Pictures one after another; 1 for a video whose channel axis is the outermost.</param>
    public static void Compare(GoldenCase golden, float[] moments, int pictures)
    {
        var half = moments.Length / pictures / 2;
        var halves = moments.Chunk(half).ToArray();
        float[] logVariance = [.. halves.Where((_, i) => i % 2 == 1).SelectMany(values => values).Select(v => Math.Clamp(v, -30f, 20f))];
        golden.Compare("out.mean", [.. halves.Where((_, i) => i % 2 == 0).SelectMany(values => values)]);
        golden.Compare("out.logvar", logVariance);
        if (golden.Has("out.std")) golden.Compare("out.std", [.. logVariance.Select(v => MathF.Exp(0.5f * v))]);
    }
}
