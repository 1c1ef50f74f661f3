using System.Globalization;
using System.Runtime.InteropServices;

namespace OnDeviceSora.Checkpoints;

/// <summary>What conversion changed in a tensor.</summary>
/// <param name="RelativeL2">The norm of the change by the norm of the tensor; 0 for a tensor of zeros.</param>
/// <param name="Scales">The scales of its output rows when it was quantised; empty otherwise.</param>
internal sealed record EncodedTensor(double RelativeL2, float[] Scales);

/// <summary>
/// Turns tensors into the bytes of an element type, a few rows at a time, in memory that is allocated once: four buffers of at
/// most <see cref="PieceElements"/> elements (or one row, if that is longer), whatever the tensor's size.
/// </summary>
/// <param name="path">The model the tensors come from, for messages.</param>
/// <param name="source">Where the tensors come from.</param>
internal sealed class TensorEncoder(string path, ITensorSource source)
{
    /// <summary>Elements converted at a time: enough for the disk, little enough for the second-level cache.</summary>
    public const int PieceElements = 128 * 1024;

    // The smallest scale that keeps the full precision of its own; a row that would need less is as good as zero.
    private const float SmallestScale = 1.17549435e-38f;

    private float[] _values = [], _converted = [];
    private byte[] _bytes = [];

    /// <summary>Converts a tensor.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="type">F32, BF16, F16 or I8.</param>
    /// <param name="write">Receives the bytes piece by piece, little-endian, row-major.</param>
    /// <param name="cancellation">Looked at before every piece.</param>
    /// <exception cref="InvalidModelException">A value is not finite or too large for the type.</exception>
    public EncodedTensor Encode(ExpectedTensor tensor, ElementType type, Action<ReadOnlySpan<byte>> write, CancellationToken cancellation)
    {
        var elements = tensor.Shape.Aggregate(1L, (a, b) => a * b);
        var rows = type == ElementType.I8 ? tensor.Shape[0] : 1;
        var rowLength = elements / Math.Max(1, rows);
        // An integer row needs its scale first, so rows are whole; other types may be cut anywhere.
        var piece = type == ElementType.I8 ? checked((int)(rowLength * Math.Max(1, PieceElements / Math.Max(1, rowLength)))) : PieceElements;
        Reserve((int)Math.Min(piece, elements));
        var scales = new float[type == ElementType.I8 ? rows : 0];
        var (weights, changes) = (0.0, 0.0);
        for (var done = 0L; done < elements;)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = (int)Math.Min(piece, elements - done);
            source.Read(tensor, done, _values.AsSpan(0, count));
            var bytes = type == ElementType.I8
                ? Quantise(tensor, count, (int)rowLength, scales.AsSpan((int)(done / rowLength)))
                : Convert(tensor, type, count);
            write(_bytes.AsSpan(0, bytes));
            if (type != ElementType.F32)
            {
                var (w, c) = WeightConversion.Squares(_values.AsSpan(0, count), _converted.AsSpan(0, count));
                (weights, changes) = (weights + w, changes + c);
            }

            done += count;
        }

        return new EncodedTensor(weights > 0 ? Math.Sqrt(changes / weights) : 0, scales);
    }

    private int Convert(ExpectedTensor tensor, ElementType type, int count)
    {
        var values = _values.AsSpan(0, count);
        RequireWithin(tensor, type, WeightConversion.LargestBits(values));
        if (type == ElementType.F32)
        {
            MemoryMarshal.AsBytes(values).CopyTo(_bytes);
            FloatConversion.FromLittleEndian(MemoryMarshal.Cast<byte, float>(_bytes.AsSpan(0, 4 * count)));
            return 4 * count;
        }

        var halves = MemoryMarshal.Cast<byte, ushort>(_bytes.AsSpan(0, 2 * count));
        if (type == ElementType.BF16) WeightConversion.ToBFloat16(values, halves);
        else WeightConversion.ToHalf(values, halves);
        FloatConversion.ToSingle(type, _bytes.AsSpan(0, 2 * count), _converted.AsSpan(0, count));
        return 2 * count;
    }

    private int Quantise(ExpectedTensor tensor, int count, int rowLength, Span<float> scales)
    {
        for (var row = 0; row < count / rowLength; row++)
        {
            var values = _values.AsSpan(row * rowLength, rowLength);
            var largest = WeightConversion.LargestBits(values);
            RequireWithin(tensor, ElementType.I8, largest);
            var bytes = MemoryMarshal.Cast<byte, sbyte>(_bytes.AsSpan(row * rowLength, rowLength));
            var scale = BitConverter.UInt32BitsToSingle(largest) / 127;
            if (scale < SmallestScale)
            {
                scale = 1;
                bytes.Clear();
            }
            else
            {
                WeightConversion.Quantise(values, scale, bytes);
            }

            scales[row] = scale;
            WeightConversion.Dequantise(bytes, scale, _converted.AsSpan(row * rowLength, rowLength));
        }

        return count;
    }

    private void RequireWithin(ExpectedTensor tensor, ElementType type, uint largestBits)
    {
        var largest = BitConverter.UInt32BitsToSingle(largestBits);
        if (largestBits >= WeightConversion.InfinityBits)
            throw Refused("holds a value that is not a finite number; weights must be finite");
        if (type == ElementType.F16 && largest > WeightConversion.LargestHalf)
            throw Refused(string.Create(CultureInfo.InvariantCulture, $"holds a value of magnitude {largest:G6}; fp16 reaches 65504 only: convert to bf16"));
        if (type == ElementType.BF16 && largest > WeightConversion.LargestBFloat16)
            throw Refused(string.Create(CultureInfo.InvariantCulture, $"holds a value of magnitude {largest:G9}, which is infinite in bf16: convert to fp32"));

        InvalidModelException Refused(string problem) => new(path, $"tensor {Describe.Quote(tensor.Name)} {problem}");
    }

    private void Reserve(int elements)
    {
        if (_values.Length >= elements) return;
        (_values, _converted, _bytes) = (new float[elements], new float[elements], new byte[4L * elements]);
    }
}
