using OnDeviceSora.Tensors.Cpu;

namespace OnDeviceSora.Tensors;

/// <summary>
/// Scaled dot-product attention in tiles: a few queries against a block of keys at a time, with a running softmax, so that
/// no whole score matrix is ever held. Serves self attention, and cross attention with a text length for each item.
/// </summary>
public static class Attention
{
    /// <summary>Computes <c>output = softmax(scale * q k^T + bias) v</c> for each sequence and head, q and k after norm and rotation.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="arguments">The tokens. A query without keys, or whose keys all have a bias of minus infinity, gets zeros.</param>
    /// <exception cref="ArgumentException">Sequences differ in number, or reach outside their tensors.</exception>
    public static void Run(ComputeEngine engine, AttentionArguments arguments)
    {
        Check(arguments);
        var grid = new AttentionGrid(arguments, engine.Threads);
        engine.Team.For(grid.Tasks, (task, thread) =>
        {
            var (sequence, firstQuery, firstHead) = grid.Locate(task);
            var tile = new AttentionTile(engine, arguments, thread, sequence);
            for (var head = firstHead; head < firstHead + grid.HeadsPerTask; head++) tile.Run(head, firstQuery, grid.QueriesPerTask);
        });
    }

    /// <summary>Bytes of scratch memory that the engine's threads take together for attention to so many keys, and keep.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="keys">Keys of a sequence.</param>
    /// <param name="headSize">Channels of a head.</param>
    public static long ScratchBytes(ComputeEngine engine, int keys, int headSize) =>
        sizeof(float) * engine.Threads * AttentionTile.ScratchFloats(engine.Kernel, keys, headSize);

    private static void Check(AttentionArguments a)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(a.Heads);
        ArgumentOutOfRangeException.ThrowIfNegative(a.HeadSize);
        var width = checked(a.Heads * a.HeadSize);
        a.Query.Check(width, nameof(a.Query));
        a.Key.Check(width, nameof(a.Key));
        a.Value.Check(width, nameof(a.Value));
        a.Output.Check(width, nameof(a.Output));
        if (a.Key.Count != a.Query.Count || a.Value.Count != a.Query.Count || a.Output.Count != a.Query.Count) throw new ArgumentException("Queries, keys, values and output differ in their number of sequences.");
        if (a.Value.Tokens != a.Key.Tokens || a.Output.Tokens != a.Query.Tokens) throw new ArgumentException("Values must be as many as keys, and results as many as queries.");
        if (a.Bias is not null && a.Bias.Length != (long)a.Heads * a.Query.Tokens * a.Key.Tokens) throw new ArgumentException($"Bias {a.Bias.Shape} should be [{a.Heads}, {a.Query.Tokens}, {a.Key.Tokens}].");
        CheckHeads(a);
        if (a.KeyLengths is null) return;
        if (a.KeyLengths.Count != a.Key.Outer) throw new ArgumentException($"{a.KeyLengths.Count} key lengths for {a.Key.Outer} outer sequences.");
        foreach (var length in a.KeyLengths)
        {
            if (length < 0 || length > a.Key.Tokens) throw new ArgumentException($"A key length of {length} is outside 0 to {a.Key.Tokens}.");
        }
    }

    private static void CheckHeads(AttentionArguments a)
    {
        foreach (var norm in (ReadOnlySpan<Tensor?>)[a.QueryNorm, a.KeyNorm])
        {
            if (norm is not null && norm.Length != a.HeadSize) throw new ArgumentException($"Norm {norm.Shape} does not fit heads of {a.HeadSize}.");
        }
        if (a.Rope is null) return;
        if (a.Rope.HeadSize != a.HeadSize) throw new ArgumentException($"Rotary angles for heads of {a.Rope.HeadSize} do not fit heads of {a.HeadSize}.");
        var tokens = Math.Max(a.Query.Tokens, a.Key.Tokens);
        if (a.Rope.Positions < tokens) throw new ArgumentException($"Rotary angles for {a.Rope.Positions} positions do not fit {tokens} tokens.");
    }
}
