namespace OnDeviceSora.Diffusion;

/// <summary>
/// Standard normal noise from a seed, the noise that PyTorch draws on a CPU: after <c>torch.manual_seed(seed)</c>, successive
/// calls of <see cref="FillNormal"/> give what successive float32 <c>torch.randn</c> calls of the same lengths give, up to
/// the last bit or two of a float.
/// </summary>
/// <remarks>
/// <para>
/// The bits come from MT19937, seeded with the low 32 bits of the seed. The number of draws depends on the length alone:
/// </para>
/// <list type="bullet">
/// <item>
/// 16 values or more: every value first becomes uniform, <c>u = (32 bits mod 2^24) / 2^24</c>. Then blocks of 16 are
/// transformed (Box-Muller): value j and j + 8 of a block become <c>r cos a</c> and <c>r sin a</c> with
/// <c>r = sqrt(-2 ln(1 - u_j))</c>, <c>a = 2 pi u_(j+8)</c>. If the length is no multiple of 16, the last 16 values, which
/// overlap the last whole block, are drawn and transformed anew.
/// </item>
/// <item>
/// Fewer than 16 values: one by one in double precision, two 53-bit uniform numbers for every two values: <c>r cos a</c> is
/// returned, <c>r sin a</c> is kept for the next value, also across calls.
/// </item>
/// </list>
/// <para>Logarithm, sine and cosine are computed in double precision and rounded, so that machines agree.</para>
/// </remarks>
public sealed class NoiseGenerator
{
    private const int Block = 16;
    private const int Half = Block / 2;
    private readonly MersenneTwister _bits;
    private double? _kept;

    /// <summary>Starts the sequence that belongs to a seed.</summary>
    /// <param name="seed">0 or more. Only its low 32 bits count, as in PyTorch: seeds that differ by 2^32 are equal.</param>
    public NoiseGenerator(long seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(seed);
        _bits = new MersenneTwister(unchecked((uint)seed));
    }

    /// <summary>Fills a tensor's elements, in row-major order, with normal noise: one <c>torch.randn</c>.</summary>
    /// <param name="values">All elements of one draw; splitting them over several calls gives other values.</param>
    public void FillNormal(Span<float> values)
    {
        if (values.Length < Block)
        {
            foreach (ref var value in values) value = (float)NextNormal();
            return;
        }
        FillUniform(values);
        for (var start = 0; start <= values.Length - Block; start += Block) ToNormal(values.Slice(start, Block));
        if (values.Length % Block == 0) return;
        var tail = values[^Block..];
        FillUniform(tail);
        ToNormal(tail);
    }

    /// <summary>Fills with uniform numbers of 24 bits in [0, 1): one float32 <c>torch.rand</c>.</summary>
    /// <param name="values">All elements of one draw.</param>
    public void FillUniform(Span<float> values)
    {
        const float Unit = 1f / (1 << 24);
        foreach (ref var value in values) value = (_bits.Next() & ((1 << 24) - 1)) * Unit;
    }

    private static void ToNormal(Span<float> block)
    {
        for (var j = 0; j < Half; j++)
        {
            var radius = (float)Math.Sqrt(-2 * Math.Log(1 - block[j]));
            var (sine, cosine) = Math.SinCos(2 * MathF.PI * block[j + Half]);
            block[j] = (float)(radius * cosine);
            block[j + Half] = (float)(radius * sine);
        }
    }

    private double NextNormal()
    {
        if (_kept is { } kept)
        {
            _kept = null;
            return kept;
        }
        var angle = 2 * Math.PI * NextUniform53();
        var radius = Math.Sqrt(-2 * Math.Log(1 - NextUniform53()));
        _kept = radius * Math.Sin(angle);
        return radius * Math.Cos(angle);
    }

    private double NextUniform53()
    {
        const double Unit = 1.0 / (1L << 53);
        var high = (ulong)_bits.Next();
        return (((high << 32) | _bits.Next()) & ((1UL << 53) - 1)) * Unit;
    }
}
