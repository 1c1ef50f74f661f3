namespace OnDeviceSora.Tensors;

/// <summary>What <see cref="Attention"/> works on.</summary>
public sealed record AttentionArguments
{
    /// <summary>Queries.</summary>
    public required Sequences Query { get; init; }

    /// <summary>Keys, as many sequences as there are queries'.</summary>
    public required Sequences Key { get; init; }

    /// <summary>Values, laid out like the keys.</summary>
    public required Sequences Value { get; init; }

    /// <summary>Receives the result, laid out like the queries; may be the queries, but must not overlap keys or values.</summary>
    public required Sequences Output { get; init; }

    /// <summary>Heads, side by side in each token.</summary>
    public required int Heads { get; init; }

    /// <summary>Channels of a head.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Factor on every score: usually 1 / sqrt(head size); 1 in T5.</summary>
    public required float Scale { get; init; }

    /// <summary>Factors <c>[head size]</c> of an RMS norm that every head of a query goes through first; default: none.</summary>
    public Tensor? QueryNorm { get; init; }

    /// <summary>The same for the keys.</summary>
    public Tensor? KeyNorm { get; init; }

    /// <summary>Added to the mean square by both norms.</summary>
    public float NormEpsilon { get; init; } = 1e-6f;

    /// <summary>Turns each head of queries and keys, after the norm, by the angles of its token's place in the sequence; default: not.</summary>
    public RopeTable? Rope { get; init; }

    /// <summary>Added to the scaled scores, <c>[heads, queries, keys]</c>, the same for every sequence.</summary>
    public Tensor? Bias { get; init; }

    /// <summary>For each outer sequence, how many of its leading keys count; the others have no weight. Default: all.</summary>
    public IReadOnlyList<int>? KeyLengths { get; init; }
}
