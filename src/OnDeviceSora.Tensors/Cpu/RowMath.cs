using System.Numerics;

namespace OnDeviceSora.Tensors.Cpu;

/// <summary>Loops over one contiguous row. The order of every sum is fixed by the row's length and the vector width alone.</summary>
internal static unsafe class RowMath
{
    public static float Sum(float* x, int count)
    {
        var (low, high) = (Vector<float>.Zero, Vector<float>.Zero);
        var i = 0;
        for (; i <= count - 2 * Vector<float>.Count; i += 2 * Vector<float>.Count)
        {
            low += Vector.Load(x + i);
            high += Vector.Load(x + i + Vector<float>.Count);
        }
        var sum = Vector.Sum(low + high);
        for (; i < count; i++) sum += x[i];
        return sum;
    }

    /// <summary>Sum of squared distances from a centre.</summary>
    public static float SumOfSquares(float* x, int count, float centre)
    {
        var (low, high, middle) = (Vector<float>.Zero, Vector<float>.Zero, new Vector<float>(centre));
        var i = 0;
        for (; i <= count - 2 * Vector<float>.Count; i += 2 * Vector<float>.Count)
        {
            var (a, b) = (Vector.Load(x + i) - middle, Vector.Load(x + i + Vector<float>.Count) - middle);
            low = Vector.MultiplyAddEstimate(a, a, low);
            high = Vector.MultiplyAddEstimate(b, b, high);
        }
        if (i <= count - Vector<float>.Count)
        {
            var last = Vector.Load(x + i) - middle;
            low = Vector.MultiplyAddEstimate(last, last, low);
            i += Vector<float>.Count;
        }
        var sum = Vector.Sum(low + high);
        for (; i < count; i++) sum += (x[i] - centre) * (x[i] - centre);
        return sum;
    }

    /// <summary>The largest value; negative infinity for an empty row.</summary>
    public static float Maximum(float* x, int count)
    {
        var maximum = float.NegativeInfinity;
        var i = 0;
        if (count >= Vector<float>.Count)
        {
            var lanes = Vector.Load(x);
            for (i = Vector<float>.Count; i <= count - Vector<float>.Count; i += Vector<float>.Count) lanes = Vector.Max(lanes, Vector.Load(x + i));
            for (var lane = 0; lane < Vector<float>.Count; lane++) maximum = MathF.Max(maximum, lanes[lane]);
        }
        for (; i < count; i++) maximum = MathF.Max(maximum, x[i]);
        return maximum;
    }

    /// <summary>Replaces each value by <c>exp(value - shift)</c>.</summary>
    /// <returns>The sum of the results.</returns>
    public static float Exponentials(float* x, int count, float shift)
    {
        var (sums, shifts) = (Vector<float>.Zero, new Vector<float>(shift));
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            var e = VectorMath.Exp(Vector.Load(x + i) - shifts);
            e.Store(x + i);
            sums += e;
        }
        var sum = Vector.Sum(sums);
        for (; i < count; i++)
        {
            x[i] = VectorMath.Exp(new Vector<float>(x[i] - shift))[0];
            sum += x[i];
        }
        return sum;
    }

    /// <summary><c>target = source * factor</c>; the two may be the same.</summary>
    public static void Scale(float* source, float factor, float* target, int count)
    {
        var factors = new Vector<float>(factor);
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count) (Vector.Load(source + i) * factors).Store(target + i);
        for (; i < count; i++) target[i] = source[i] * factor;
    }

    /// <summary><c>target = source * factor * weights</c>; source and target may be the same.</summary>
    public static void ScaleBy(float* source, float factor, float* weights, float* target, int count)
    {
        var factors = new Vector<float>(factor);
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count) (Vector.Load(source + i) * factors * Vector.Load(weights + i)).Store(target + i);
        for (; i < count; i++) target[i] = source[i] * factor * weights[i];
    }

    /// <summary><c>target += source</c>.</summary>
    public static void Add(float* target, float* source, int count)
    {
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count) (Vector.Load(target + i) + Vector.Load(source + i)).Store(target + i);
        for (; i < count; i++) target[i] += source[i];
    }
}
