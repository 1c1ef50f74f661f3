using OnDeviceSora.Checkpoints;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Text;

/// <summary>
/// The encoder's table of token embeddings. It stays on disk: of its hundreds of megabytes a prompt needs a few rows, which
/// are read when they are asked for.
/// </summary>
internal sealed class TokenEmbedding
{
    private const string Name = "shared.weight";

    private readonly Checkpoint _checkpoint;
    private readonly T5Config _config;

    /// <summary>Finds the table.</summary>
    /// <exception cref="InvalidModelException">It is missing or has another shape than <c>[vocabulary, width]</c>.</exception>
    public TokenEmbedding(Checkpoint checkpoint, T5Config config)
    {
        _checkpoint = checkpoint;
        _config = config;
        checkpoint.Find(Name, [config.VocabSize, config.DModel]);
    }

    /// <summary>Reads the rows of some tokens.</summary>
    /// <param name="ids">Token ids, each 0 to the vocabulary size - 1.</param>
    /// <param name="rows">Receives one row of the model's width for each id.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is outside the vocabulary.</exception>
    /// <exception cref="InvalidFileException">The table cannot be read.</exception>
    public void Read(ReadOnlySpan<int> ids, Tensor rows)
    {
        var (width, firstOf) = (_config.DModel, new Dictionary<int, int>());
        for (var i = 0; i < ids.Length; i++)
        {
            if ((uint)ids[i] >= (uint)_config.VocabSize) throw new ArgumentOutOfRangeException(nameof(ids), ids[i], $"Token id outside the vocabulary of {_config.VocabSize}.");
            var row = rows.Span.Slice(i * width, width);
            if (firstOf.TryAdd(ids[i], i)) _checkpoint.ReadElements(Name, (long)ids[i] * width, row);
            else rows.Span.Slice(firstOf[ids[i]] * width, width).CopyTo(row);
        }
    }
}
