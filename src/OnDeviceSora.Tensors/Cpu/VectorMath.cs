using System.Numerics;
using System.Runtime.CompilerServices;

namespace OnDeviceSora.Tensors.Cpu;

/// <summary>Transcendental functions on whole vectors, accurate to about two units in the last place.</summary>
internal static class VectorMath
{
    private const float Log2E = 1.44269504f;
    // ln 2 in two parts, the first exact in few bits, so that n * ln 2 loses nothing.
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;

    /// <summary>e to the x. Below -87.6 the result is 0; above 88.3, that is from 2.3e38 on, infinity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Exp(Vector<float> x)
    {
        // Just beyond the range in which 2^n is a normal number: there the exponent bits come out as those of 0 and infinity.
        x = Vector.Min(Vector.Max(x, new Vector<float>(-88f)), new Vector<float>(88.5f));
        var n = Vector.Floor(Vector.MultiplyAddEstimate(x, new Vector<float>(Log2E), new Vector<float>(0.5f)));
        var r = Vector.MultiplyAddEstimate(n, new Vector<float>(-Ln2High), x);
        r = Vector.MultiplyAddEstimate(n, new Vector<float>(-Ln2Low), r);

        // Taylor's series with its tail fitted to |r| <= ln(2)/2.
        var p = new Vector<float>(1.9875691500e-4f);
        p = Vector.MultiplyAddEstimate(p, r, new Vector<float>(1.3981999507e-3f));
        p = Vector.MultiplyAddEstimate(p, r, new Vector<float>(8.3334519073e-3f));
        p = Vector.MultiplyAddEstimate(p, r, new Vector<float>(4.1665795894e-2f));
        p = Vector.MultiplyAddEstimate(p, r, new Vector<float>(1.6666665459e-1f));
        p = Vector.MultiplyAddEstimate(p, r, new Vector<float>(0.5f));
        p = Vector.MultiplyAddEstimate(p, r * r, r) + Vector<float>.One;

        var exponent = (Vector.ConvertToInt32(n) + new Vector<int>(127)) << 23;
        return p * Vector.AsVectorSingle(exponent);
    }

    /// <summary>x times the logistic function of x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Silu(Vector<float> x) => x / (Vector<float>.One + Exp(-x));

    /// <summary>GELU in its tanh form: <c>0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))</c>, which equals <c>x * logistic(2 u)</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> GeluTanh(Vector<float> x)
    {
        const float TwoSqrtTwoOverPi = 1.5957691216f;
        var u = x * Vector.MultiplyAddEstimate(x * x, new Vector<float>(0.044715f * TwoSqrtTwoOverPi), new Vector<float>(TwoSqrtTwoOverPi));
        return x / (Vector<float>.One + Exp(-u));
    }
}
