namespace OnDeviceSora.Evaluation.VBench;

/// <summary>VBench's subject and background consistency, from one feature vector a frame (of DINO or CLIP).</summary>
public static class FeatureConsistency
{
    /// <summary>Mean, over the frames after the first, of the cosines to the frame before and to the first, none below 0.</summary>
    /// <param name="features">A vector for each of two frames or more, of any length above 0.</param>
    /// <exception cref="ArgumentException">There are fewer than two, or their lengths differ.</exception>
    public static double Score(IReadOnlyList<float[]> features)
    {
        ArgumentNullException.ThrowIfNull(features);
        if (features.Count < 2) throw new ArgumentException($"There are features of {features.Count} frames; consistency needs 2.");
        return Enumerable.Range(1, features.Count - 1)
            .Average(i => (Math.Max(0, Cosine(features[i], features[i - 1])) + Math.Max(0, Cosine(features[i], features[0]))) / 2);
    }

    private static double Cosine(float[] a, float[] b)
    {
        if (a.Length != b.Length) throw new ArgumentException($"Feature vectors of {a.Length} and {b.Length} numbers cannot be compared.");
        var (product, lengthA, lengthB) = (0.0, 0.0, 0.0);
        for (var i = 0; i < a.Length; i++) (product, lengthA, lengthB) = (product + (double)a[i] * b[i], lengthA + (double)a[i] * a[i], lengthB + (double)b[i] * b[i]);
        return product / Math.Sqrt(lengthA * lengthB);
    }
}
