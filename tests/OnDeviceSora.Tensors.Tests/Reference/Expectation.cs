namespace OnDeviceSora.Tensors.Tests.Reference;

/// <summary>What an operation should give: each value in double precision, with the error that rounding to float may cause.</summary>
internal sealed class Expectation(long count)
{
    /// <summary>Half a unit in the last place of 1, the largest relative error of one rounding.</summary>
    public const double Rounding = 1.0 / (1 << 24);

    public double[] Values { get; } = new double[count];

    public double[] Tolerances { get; } = new double[count];

    public double this[long index] => Values[index];

    public void Set(long index, double value, double tolerance) => (Values[index], Tolerances[index]) = (value, tolerance);

    /// <summary>Fails with the first element that is off, or that was never written.</summary>
    public void Check(ReadOnlySpan<float> actual, string what)
    {
        Assert.Equal(Values.Length, actual.Length);
        for (var i = 0; i < actual.Length; i++)
        {
            // Written so that NaN fails.
            if (Math.Abs(actual[i] - Values[i]) <= Tolerances[i]) continue;
            Assert.Fail($"{what}: element {i} of {actual.Length} is {actual[i]:R}, should be {Values[i]:R} within {Tolerances[i]:g3}.");
        }
    }
}
