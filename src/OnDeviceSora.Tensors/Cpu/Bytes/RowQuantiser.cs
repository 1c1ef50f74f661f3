using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace OnDeviceSora.Tensors.Cpu.Bytes;

/// <summary>
/// A row of floats to unsigned bytes: <c>value = (byte - zero) * scale</c>, with the scale and the zero that spread the row's own
/// range, 0 included, over all bytes. The error is at most half a scale.
/// </summary>
/// <remarks>A row that holds NaN or infinity gets a scale that is not finite either, and so does every product with it.</remarks>
internal static unsafe class RowQuantiser
{
    private const int Levels = byte.MaxValue;

    /// <summary>Quantises a row.</summary>
    /// <param name="row">Floats.</param>
    /// <param name="count">How many.</param>
    /// <param name="bytes">Receives as many bytes, and zeros up to a whole word of four.</param>
    /// <param name="scale">What one unit is worth; 0 for a row of zeros.</param>
    /// <param name="zero">The byte that stands for 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* row, int count, byte* bytes, out float scale, out int zero)
    {
        var (minimum, maximum) = Range(row, count);
        scale = (maximum - minimum) / Levels;
        var units = 1 / scale;
        if (!float.IsFinite(units)) units = 0;
        zero = Math.Clamp((int)MathF.Round(-minimum * units), 0, Levels);
        Convert(row, count, units, zero, bytes);
        for (; count % 4 != 0; count++) bytes[count] = 0;
    }

    /// <summary>The least and the greatest of the values and 0; the greatest is not finite if any value is not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (float Minimum, float Maximum) Range(float* row, int count)
    {
        var (low, high, flaw, i) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, 0);
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            var values = Vector.Load(row + i);
            (low, high) = (Vector.MinNative(low, values), Vector.MaxNative(high, values));
            // 0 for every number; the native minimum and maximum may pass over NaN.
            flaw = Vector.MultiplyAddEstimate(values, Vector<float>.Zero, flaw);
        }
        var (minimum, maximum, sum) = (0f, 0f, Vector.Sum(flaw));
        for (var lane = 0; lane < Vector<float>.Count; lane++) (minimum, maximum) = (MathF.Min(minimum, low[lane]), MathF.Max(maximum, high[lane]));
        for (; i < count; i++) (minimum, maximum, sum) = (MathF.Min(minimum, row[i]), MathF.Max(maximum, row[i]), sum + row[i] * 0);
        return (minimum, maximum + sum);
    }

    /// <summary>Multiplied, moved, rounded to nearest and ties to even; each of these steps rounds alike in every branch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Convert(float* row, int count, float units, int zero, byte* bytes)
    {
        var i = 0;
        if (Avx512F.IsSupported)
        {
            var (unit, offset) = (Vector512.Create(units), Vector512.Create((float)zero));
            for (; i <= count - Vector512<float>.Count; i += Vector512<float>.Count)
            {
                var integers = Avx512F.ConvertToVector512Int32(Vector512.Load(row + i) * unit + offset);
                Avx512F.ConvertToVector128ByteWithSaturation(Vector512.Max(integers, Vector512<int>.Zero).AsUInt32()).Store(bytes + i);
            }
        }
        else
        {
            var (unit, offset) = (Vector128.Create(units), Vector128.Create((float)zero));
            for (; i <= count - Vector128<float>.Count; i += Vector128<float>.Count)
            {
                var integers = Rounded(Vector128.Load(row + i) * unit + offset);
                integers = Vector128.Min(Vector128.Max(integers, Vector128<int>.Zero), Vector128.Create(Levels));
                var halves = Vector128.Narrow(integers, integers);
                *(uint*)(bytes + i) = Vector128.Narrow(halves, halves).AsUInt32().ToScalar();
            }
        }
        for (; i < count; i++) bytes[i] = (byte)Math.Clamp(MathF.Round(row[i] * units + zero), 0, Levels);
    }

    private static Vector128<int> Rounded(Vector128<float> values)
    {
        if (Sse2.IsSupported) return Sse2.ConvertToVector128Int32(values);
        if (AdvSimd.IsSupported) return AdvSimd.ConvertToInt32RoundToEven(values);
        return Vector128.ConvertToInt32(Vector128.Round(values));
    }
}
