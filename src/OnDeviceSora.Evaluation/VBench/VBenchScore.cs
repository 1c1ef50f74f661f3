namespace OnDeviceSora.Evaluation.VBench;

/// <summary>VBench's aggregated scores, 0 to 1.</summary>
/// <param name="Quality">Weighted mean of the seven dimensions of quality.</param>
/// <param name="Semantic">Weighted mean of the nine semantic dimensions.</param>
public readonly record struct VBenchScore(double Quality, double Semantic)
{
    private const double QualityWeight = 4, SemanticWeight = 1;

    /// <summary>Both together; quality counts four times.</summary>
    public double Total => (QualityWeight * Quality + SemanticWeight * Semantic) / (QualityWeight + SemanticWeight);

    /// <summary>Aggregates raw scores.</summary>
    /// <param name="raw">The raw score of every dimension by <see cref="VBenchDimension.Name"/>.</param>
    /// <exception cref="KeyNotFoundException">A dimension is missing.</exception>
    public static VBenchScore Of(IReadOnlyDictionary<string, double> raw)
    {
        ArgumentNullException.ThrowIfNull(raw);
        return new VBenchScore(Mean(quality: true), Mean(quality: false));

        double Mean(bool quality)
        {
            var group = VBenchDimension.All.Where(dimension => dimension.IsQuality == quality).ToList();
            return group.Sum(dimension => dimension.Scaled(raw[dimension.Name])) / group.Sum(dimension => dimension.Weight);
        }
    }
}
