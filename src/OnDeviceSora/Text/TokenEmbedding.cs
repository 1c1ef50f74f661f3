using System.Runtime.InteropServices;
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
    private readonly TensorInfo _table;
    private readonly int _width;
    private readonly int _rowBytes;

    /// <summary>Finds the table.</summary>
    /// <exception cref="InvalidModelException">It is missing or has another shape than <c>[vocabulary, width]</c>.</exception>
    /// <exception cref="InvalidFileException">Its element type is no real number.</exception>
    public TokenEmbedding(Checkpoint checkpoint, T5Config config)
    {
        _checkpoint = checkpoint;
        _table = checkpoint.Find(Name, [config.VocabSize, config.DModel]);
        if (!IsQuantised && !FloatConversion.Supports(_table.ElementType)) throw new InvalidFileException(_table.File, $"tensor {Describe.Quote(Name)} is {_table.ElementType.Name()}; it must be F32, F16, BF16, F64 or I8");
        if (IsQuantised) checkpoint.Find(Name + "_scale", [config.VocabSize]);
        _width = config.DModel;
        _rowBytes = config.DModel * _table.ElementType.Bits() / 8;
    }

    private bool IsQuantised => _table.ElementType == ElementType.I8;

    /// <summary>Reads the rows of some tokens.</summary>
    /// <param name="ids">Token ids, each 0 to the vocabulary size - 1.</param>
    /// <param name="rows">Receives one row of the model's width for each id.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is outside the vocabulary.</exception>
    public void Read(ReadOnlySpan<int> ids, Tensor rows)
    {
        var stored = new byte[_rowBytes];
        var values = rows.Span;
        var firstOf = new Dictionary<int, int>();
        for (var i = 0; i < ids.Length; i++)
        {
            var row = values.Slice(i * _width, _width);
            if (firstOf.TryGetValue(ids[i], out var first))
            {
                values.Slice(first * _width, _width).CopyTo(row);
                continue;
            }
            if ((uint)ids[i] >= (uint)_table.Shape[0]) throw new ArgumentOutOfRangeException(nameof(ids), ids[i], $"Token id outside the vocabulary of {_table.Shape[0]}.");
            _checkpoint.ReadBytes(Name, (long)ids[i] * _rowBytes, stored);
            if (IsQuantised) Dequantise(stored, ScaleOf(ids[i]), row);
            else FloatConversion.ToSingle(_table.ElementType, stored, row);
            firstOf[ids[i]] = i;
        }
    }

    private float ScaleOf(int id)
    {
        Span<float> scale = stackalloc float[1];
        _checkpoint.ReadBytes(Name + "_scale", (long)id * sizeof(float), MemoryMarshal.AsBytes(scale));
        FloatConversion.FromLittleEndian(scale);
        return scale[0];
    }

    private static void Dequantise(ReadOnlySpan<byte> stored, float scale, Span<float> row)
    {
        for (var i = 0; i < row.Length; i++) row[i] = (sbyte)stored[i] * scale;
    }
}
