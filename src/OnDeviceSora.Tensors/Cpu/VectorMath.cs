using System.Numerics;
using System.Runtime.CompilerServices;

namespace OnDeviceSora.Tensors.Cpu;

/// <summary>Transcendental functions on whole vectors, accurate to about two units in the last place, with the same bits in any width.</summary>
internal static class VectorMath
{
    /// <summary>The binary logarithm of e.</summary>
    public const float Log2E = 1.44269504f;

    // ln 2 in two parts, the first exact in few bits, so that n * ln 2 loses nothing.
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;

    /// <summary>Added to a number below 2^22, this leaves its nearest integer plus 127, the bias of exponents, in the low bits.</summary>
    public const float Rounder = (1 << 23) + (1 << 22) + 127;

    /// <summary>e to the x. Below -87.6 the result is 0; above 88.3, that is from 2.3e38 on, infinity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Exp<T>(T x)
        where T : struct, ILanes<T>
    {
        // Just beyond the range in which 2^n is a normal number: there the exponent bits come out as those of 0 and infinity. A NaN,
        // the second of the two, passes both.
        x = T.Min(T.Create(88.5f), T.Max(T.Create(-88), x));
        var biased = T.MultiplyAdd(x, T.Create(Log2E), T.Create(Rounder));
        var n = biased - T.Create(Rounder);
        var r = T.MultiplyAdd(n, T.Create(-Ln2High), x);
        r = T.MultiplyAdd(n, T.Create(-Ln2Low), r);

        // Taylor's series with its tail fitted to |r| <= ln(2)/2.
        var p = T.MultiplyAdd(T.Create(1.9875691500e-4f), r, T.Create(1.3981999507e-3f));
        p = T.MultiplyAdd(p, r, T.Create(8.3334519073e-3f));
        p = T.MultiplyAdd(p, r, T.Create(4.1665795894e-2f));
        p = T.MultiplyAdd(p, r, T.Create(1.6666665459e-1f));
        p = T.MultiplyAdd(p, r, T.Create(0.5f));
        p = T.MultiplyAdd(p, r * r, r) + T.Create(1);
        return p * T.ShiftLeft(biased, 23);
    }

    /// <summary>x times the logistic function of x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Silu<T>(T x)
        where T : struct, ILanes<T> => x / (T.Create(1) + Exp(T.Create(0) - x));

    /// <summary>GELU in its tanh form: <c>0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))</c>, which equals <c>x * logistic(2 u)</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T GeluTanh<T>(T x)
        where T : struct, ILanes<T>
    {
        const float MinusTwoSqrtTwoOverPi = -1.5957691216f;
        var minusTwoU = x * T.MultiplyAdd(x * x, T.Create(0.044715f * MinusTwoSqrtTwoOverPi), T.Create(MinusTwoSqrtTwoOverPi));
        return x / (T.Create(1) + Exp(minusTwoU));
    }

    /// <inheritdoc cref="Exp{T}(T)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Exp(Vector<float> x) => Exp(new VectorLanes(x)).Value;

    /// <inheritdoc cref="Silu{T}(T)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Silu(Vector<float> x) => Silu(new VectorLanes(x)).Value;

    /// <inheritdoc cref="GeluTanh{T}(T)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> GeluTanh(Vector<float> x) => GeluTanh(new VectorLanes(x)).Value;
}
