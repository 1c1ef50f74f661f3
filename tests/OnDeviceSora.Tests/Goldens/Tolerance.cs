using System.Globalization;
using System.Text.Json;

namespace OnDeviceSora.Tests.Goldens;

/// <summary>How far a number may be from its golden: <c>|a - b| &lt;= Absolute + Relative |b|</c>.</summary>
/// <param name="Absolute">Part that does not depend on the golden.</param>
/// <param name="Relative">Part that grows with it.</param>
internal readonly record struct Tolerance(double Absolute, double Relative)
{
    /// <summary>Reads <c>atol</c> and <c>rtol</c> of a case's <c>tolerance</c>; what is not stated is 0.</summary>
    public static Tolerance Of(JsonElement root) => root.TryGetProperty("tolerance", out var stated)
        ? new Tolerance(Number(stated, "atol"), Number(stated, "rtol"))
        : default;

    /// <summary>Compares all elements.</summary>
    /// <exception cref="GoldenMismatchException">The lengths or an element differ; names the worst element.</exception>
    public void Compare(string name, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        if (expected.Length != actual.Length) throw new GoldenMismatchException($"{name} has {expected.Length} elements; there are {actual.Length}.");
        var (worst, excess, wrong) = (-1, double.NegativeInfinity, 0);
        for (var i = 0; i < expected.Length; i++)
        {
            var beyond = Math.Abs((double)actual[i] - expected[i]) - (Absolute + Relative * Math.Abs((double)expected[i]));
            // Written so that NaN counts as wrong.
            if (beyond <= 0) continue;
            wrong++;
            if (worst >= 0 && !(beyond > excess)) continue;
            (worst, excess) = (i, beyond);
        }
        if (worst < 0) return;
        throw new GoldenMismatchException(string.Create(CultureInfo.InvariantCulture,
            $"{name}[{worst}] should be {expected[worst]:R} and is {actual[worst]:R} ({wrong} of {expected.Length} elements are beyond {Absolute} + {Relative} |b|)."));
    }

    private static double Number(JsonElement stated, string key) => stated.TryGetProperty(key, out var value) ? value.GetDouble() : 0;
}
