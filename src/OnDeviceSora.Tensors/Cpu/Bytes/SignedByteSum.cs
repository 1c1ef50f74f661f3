using System.Numerics;

namespace OnDeviceSora.Tensors.Cpu.Bytes;

/// <summary>The exact sum of a row of signed bytes.</summary>
internal static unsafe class SignedByteSum
{
    public static int Of(sbyte* row, int count)
    {
        var (lanes, i) = (Vector<int>.Zero, 0);
        for (; i <= count - Vector<sbyte>.Count; i += Vector<sbyte>.Count)
        {
            Vector.Widen(Vector.Load(row + i), out var lower, out var upper);
            Vector.Widen(lower + upper, out var low, out var high);
            lanes += low + high;
        }
        var sum = Vector.Sum(lanes);
        for (; i < count; i++) sum += row[i];
        return sum;
    }
}
