namespace OnDeviceSora.Previews;

/// <summary>Weighted linear least squares with several outputs, by the normal equations and Cholesky's decomposition, slightly regularised.</summary>
internal sealed class LeastSquares
{
    /// <summary>As if so small a part of the samples said that all weights are zero.</summary>
    private const double Ridge = 1e-3;

    private readonly int _terms;
    private readonly int _outputs;

    /// <summary>The lower triangle of the inputs' products <c>[terms, terms]</c>, then inputs times outputs <c>[terms, outputs]</c>, then the sum of weights.</summary>
    private readonly double[] _sums;

    /// <param name="terms">Inputs of each sample.</param>
    /// <param name="outputs">Outputs of each sample.</param>
    public LeastSquares(int terms, int outputs) : this(terms, outputs, new double[Length(terms, outputs)]) { }

    private LeastSquares(int terms, int outputs, double[] sums) => (_terms, _outputs, _sums) = (terms, outputs, sums);

    /// <summary>All that is known of the samples; <see cref="From"/> goes on with it.</summary>
    public double[] Sums => [.. _sums];

    /// <summary>Goes on with sums that were kept; <c>null</c> when they are not of this many terms and outputs, or not finite.</summary>
    public static LeastSquares? From(int terms, int outputs, double[] sums) =>
        sums.Length == Length(terms, outputs) && sums.All(double.IsFinite) && sums[^1] > 0 ? new LeastSquares(terms, outputs, [.. sums]) : null;

    /// <summary>Adds a sample.</summary>
    public void Add(ReadOnlySpan<float> input, ReadOnlySpan<float> output, double weight)
    {
        for (var i = 0; i < _terms; i++)
        {
            var scaled = weight * input[i];
            for (var j = 0; j <= i; j++) _sums[i * _terms + j] += scaled * input[j];
            for (var j = 0; j < _outputs; j++) _sums[_terms * _terms + i * _outputs + j] += scaled * output[j];
        }
        _sums[^1] += weight;
    }

    /// <summary>The weights <c>[outputs, terms]</c>.</summary>
    public float[] Solve()
    {
        var factor = Decompose();
        var weights = new float[_outputs * _terms];
        var column = new double[_terms];
        for (var output = 0; output < _outputs; output++)
        {
            for (var i = 0; i < _terms; i++) column[i] = _sums[_terms * _terms + i * _outputs + output];
            SubstituteForth(factor, column);
            SubstituteBack(factor, column);
            for (var i = 0; i < _terms; i++) weights[output * _terms + i] = (float)column[i];
        }
        return weights;
    }

    private static int Length(int terms, int outputs) => terms * (terms + outputs) + 1;

    /// <summary>The Cholesky factor of the regularised products, lower triangle.</summary>
    private double[] Decompose()
    {
        var factor = _sums[..(_terms * _terms)];
        for (var i = 0; i < _terms; i++) factor[i * _terms + i] += Ridge * _sums[^1];
        for (var i = 0; i < _terms; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = factor[i * _terms + j];
                for (var k = 0; k < j; k++) sum -= factor[i * _terms + k] * factor[j * _terms + k];
                factor[i * _terms + j] = i == j ? Math.Sqrt(sum) : sum / factor[j * _terms + j];
            }
        }
        return factor;
    }

    private void SubstituteForth(double[] factor, double[] values)
    {
        for (var i = 0; i < _terms; i++)
        {
            for (var k = 0; k < i; k++) values[i] -= factor[i * _terms + k] * values[k];
            values[i] /= factor[i * _terms + i];
        }
    }

    private void SubstituteBack(double[] factor, double[] values)
    {
        for (var i = _terms - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < _terms; k++) values[i] -= factor[k * _terms + i] * values[k];
            values[i] /= factor[i * _terms + i];
        }
    }
}
