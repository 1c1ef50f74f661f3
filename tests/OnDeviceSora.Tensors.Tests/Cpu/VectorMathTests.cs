using System.Numerics;
using OnDeviceSora.Tensors.Cpu;
using OnDeviceSora.Tensors.Tests.Reference;

namespace OnDeviceSora.Tensors.Tests.Cpu;

[Trait("Category", "Operations")]
public class VectorMathTests
{
    /// <summary>Every 9973rd float from 0 to infinity, and its negative: all sizes, without the hour that all floats take.</summary>
    private const int Step = 9973;

    /// <summary>Without fused multiply-add, reducing the argument costs half a unit more.</summary>
    [Fact]
    public void Exp_is_within_two_units_wherever_it_is_a_normal_number()
    {
        foreach (var x in Floats())
        {
            if (x is < -87.3f or > 88.3f) continue;
            var units = Units(Exp(x), Math.Exp(x));
            Assert.True(units <= 2, $"exp({x:R}) = {Exp(x):R} is off by {units} units");
        }
    }

    [Fact]
    public void Exp_ends_in_zero_and_infinity()
    {
        foreach (var x in (float[])[-88, -100, -1e10f, float.MinValue, float.NegativeInfinity]) Assert.Equal(0, Exp(x));
        foreach (var x in (float[])[88.8f, 89, 100, 1e10f, float.MaxValue, float.PositiveInfinity]) Assert.Equal(float.PositiveInfinity, Exp(x));
        Assert.Equal(1, Exp(0));
        Assert.Equal(1, Exp(-0f));
        Assert.Equal(float.NaN, Exp(float.NaN));
        Assert.InRange(Exp(-87.5f), 0, 1.2e-38f);
    }

    [Fact]
    public void Silu_is_close_everywhere()
    {
        foreach (var x in Floats())
        {
            // A negative argument's exponential carries the error: 2 units, and 3 for sum and quotient. Below 1e-35 the
            // exponential in the divisor has reached infinity.
            var actual = Of(VectorMath.Silu, x);
            var expected = ScalarFunctions.Silu(x);
            Assert.True(Math.Abs(actual - expected) <= 5 * Unit(expected) + 1e-35, $"SiLU({x:R}) = {actual:R}, should be {expected:R}");
        }
    }

    [Fact]
    public void GeluTanh_is_close_everywhere()
    {
        foreach (var x in Floats())
        {
            // The error of the argument 2u, 3 roundings, becomes |2u| times as large in its exponential.
            var actual = Of(VectorMath.GeluTanh, x);
            var expected = ScalarFunctions.GeluTanh(x);
            var argument = x < 0 ? Math.Min(90, 1.6 * (Math.Abs((double)x) + 0.0448 * Math.Pow(Math.Abs((double)x), 3))) : 1;
            Assert.True(Math.Abs(actual - expected) <= (5 + 3 * argument) * Unit(expected) + 1e-34, $"GELU({x:R}) = {actual:R}, should be {expected:R}");
        }
    }

    [Fact]
    public void Activations_of_infinity_and_nothing()
    {
        foreach (var function in (Func<Vector<float>, Vector<float>>[])[VectorMath.Silu, VectorMath.GeluTanh])
        {
            Assert.Equal(float.PositiveInfinity, Of(function, float.PositiveInfinity));
            Assert.Equal(float.MaxValue, Of(function, float.MaxValue));
            Assert.Equal(0, Of(function, float.MinValue));
            Assert.Equal(0, Of(function, 0));
            Assert.Equal(float.NaN, Of(function, float.NaN));
        }
    }

    private static IEnumerable<float> Floats()
    {
        for (var bits = 0; bits < 0x7F800000; bits += Step)
        {
            yield return BitConverter.Int32BitsToSingle(bits);
            yield return -BitConverter.Int32BitsToSingle(bits);
        }
    }

    private static float Exp(float x) => Of(VectorMath.Exp, x);

    private static float Of(Func<Vector<float>, Vector<float>> function, float x) => function(new Vector<float>(x))[0];

    /// <summary>One unit in the last place of the float nearest to a value.</summary>
    private static double Unit(double value)
    {
        var magnitude = Math.Abs((float)value);
        return magnitude >= float.MaxValue ? Math.Pow(2, 104) : (double)MathF.BitIncrement(magnitude) - magnitude;
    }

    private static double Units(float actual, double expected) => Math.Abs(actual - expected) / Unit(expected);
}
