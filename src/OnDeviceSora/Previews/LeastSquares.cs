namespace OnDeviceSora.Previews;

/// <summary>Linear least squares with several outputs, by the normal equations and Cholesky's decomposition, slightly regularised.</summary>
/// <param name="terms">Inputs of each sample.</param>
/// <param name="outputs">Outputs of each sample.</param>
internal sealed class LeastSquares(int terms, int outputs)
{
    private const double Ridge = 1e-3;

    private readonly double[,] _gram = new double[terms, terms];
    private readonly double[,] _moments = new double[terms, outputs];
    private int _samples;

    /// <summary>Adds a sample.</summary>
    public void Add(ReadOnlySpan<float> input, ReadOnlySpan<float> output)
    {
        _samples++;
        for (var i = 0; i < terms; i++)
        {
            for (var j = 0; j <= i; j++) _gram[i, j] += (double)input[i] * input[j];
            for (var j = 0; j < outputs; j++) _moments[i, j] += (double)input[i] * output[j];
        }
    }

    /// <summary>The weights <c>[outputs, terms]</c>.</summary>
    public float[] Solve()
    {
        for (var i = 0; i < terms; i++) _gram[i, i] += Ridge * _samples;
        Decompose();
        var weights = new float[outputs * terms];
        var column = new double[terms];
        for (var output = 0; output < outputs; output++)
        {
            for (var i = 0; i < terms; i++) column[i] = _moments[i, output];
            SubstituteForth(column);
            SubstituteBack(column);
            for (var i = 0; i < terms; i++) weights[output * terms + i] = (float)column[i];
        }
        return weights;
    }

    /// <summary>The lower triangle becomes its Cholesky factor.</summary>
    private void Decompose()
    {
        for (var i = 0; i < terms; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = _gram[i, j];
                for (var k = 0; k < j; k++) sum -= _gram[i, k] * _gram[j, k];
                _gram[i, j] = i == j ? Math.Sqrt(sum) : sum / _gram[j, j];
            }
        }
    }

    private void SubstituteForth(double[] values)
    {
        for (var i = 0; i < terms; i++)
        {
            for (var k = 0; k < i; k++) values[i] -= _gram[i, k] * values[k];
            values[i] /= _gram[i, i];
        }
    }

    private void SubstituteBack(double[] values)
    {
        for (var i = terms - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < terms; k++) values[i] -= _gram[k, i] * values[k];
            values[i] /= _gram[i, i];
        }
    }
}
