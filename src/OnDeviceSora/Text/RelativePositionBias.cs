using OnDeviceSora.Tensors;

namespace OnDeviceSora.Text;

/// <summary>T5's only notion of position: a learned bias on each score by the bucket of the distance (specification 4).</summary>
/// <param name="table">Bias by bucket and head, <c>[buckets, heads]</c>; shared by all blocks.</param>
/// <param name="maximumDistance">Distance from which all share the last bucket.</param>
internal sealed class RelativePositionBias(Tensor table, int maximumDistance)
{
    /// <summary>The bias of every pair of tokens.</summary>
    /// <returns>A new tensor <c>[heads, length, length]</c> (query, key).</returns>
    public Tensor For(ComputeEngine engine, int length)
    {
        var (buckets, heads) = (table.Shape[0], table.Shape[1]);
        var bias = engine.Allocate(heads, length, length);
        for (var query = 0; query < length; query++)
        {
            for (var key = 0; key < length; key++)
            {
                var bucket = Bucket(key - query, buckets);
                for (var head = 0; head < heads; head++) bias.Span[(head * length + query) * length + key] = table.Span[bucket * heads + head];
            }
        }
        return bias;
    }

    /// <summary>A copy of a bias in which keys that are masked have no weight.</summary>
    /// <param name="engine">Whose memory holds the copy.</param>
    /// <param name="bias">Bias <c>[heads, length, length]</c>.</param>
    /// <param name="mask">Which keys count, <c>[length]</c>.</param>
    public static Tensor Masked(ComputeEngine engine, Tensor bias, bool[] mask)
    {
        var masked = engine.Allocate(bias.Shape.Extents);
        masked.CopyFrom(bias);
        for (var i = 0; i < masked.Length; i++)
        {
            if (!mask[i % mask.Length]) masked.Span[i] = float.NegativeInfinity;
        }
        return masked;
    }

    /// <summary>Half of the buckets for either direction; of each half, one half exact and one logarithmic.</summary>
    /// <param name="offset">Key position minus query position.</param>
    /// <param name="buckets">Buckets in all.</param>
    internal int Bucket(int offset, int buckets)
    {
        var side = buckets / 2;
        var exact = side / 2;
        var (start, distance) = (offset > 0 ? side : 0, Math.Abs(offset));
        if (distance < exact) return start + distance;
        // In single precision throughout, as the reference: the border between buckets depends on the rounding.
        var logarithmic = MathF.Log(distance / (float)exact) / (float)Math.Log((double)maximumDistance / exact) * (side - exact);
        return start + Math.Min(side - 1, exact + (int)logarithmic);
    }
}
