using System.Runtime.InteropServices;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Layers;

/// <summary>Makes layers of the tensors of a checkpoint, by name. Matrices and convolutions keep the precision they are stored in.</summary>
/// <param name="engine">The engine that will compute with them.</param>
/// <param name="reader">Reads the weights.</param>
/// <param name="arena">Where they are placed; <c>null</c> for memory of their own.</param>
/// <param name="prefix">Put before every name, for example <c>spatial_blocks.3.</c>.</param>
internal sealed class WeightLoader(ComputeEngine engine, WeightReader reader, WeightArena? arena = null, string prefix = "")
{
    /// <summary>Rows are packed in groups of at least this many: a multiple of every panel's width.</summary>
    private const int RowGroup = 32;

    /// <summary>The engine that will compute with the weights.</summary>
    public ComputeEngine Engine => engine;

    /// <summary>Where the weights are.</summary>
    public Checkpoint Checkpoint => reader.Checkpoint;

    /// <summary>The same checkpoint, deeper in the tree of names.</summary>
    public WeightLoader Within(string name) => new(engine, reader, arena, prefix + name + ".");

    /// <summary>Whether the checkpoint has a tensor of this name.</summary>
    public bool Has(string name) => reader.Checkpoint.Contains(prefix + name);

    /// <summary>A tensor in single precision.</summary>
    public Tensor Tensor(string name, params ReadOnlySpan<int> shape)
    {
        var stored = reader.Checkpoint.Find(prefix + name, shape);
        if (!FloatConversion.Supports(stored.ElementType)) throw Unreadable(stored);
        var tensor = arena?.Take(shape) ?? engine.AllocateFor(MemoryOwner.Weights, shape);
        var values = tensor.Span;
        var size = stored.ElementType.Bits() / 8;
        for (var done = 0; done < values.Length;)
        {
            var count = Math.Min(values.Length - done, WeightReader.LongestPiece / size);
            FloatConversion.ToSingle(stored.ElementType, reader.Read(stored, (long)done * size, count * size), values.Slice(done, count));
            done += count;
        }
        return tensor;
    }

    /// <summary>A linear layer: <c>NAME.weight</c> and, if asked for, <c>NAME.bias</c>.</summary>
    public Linear Linear(string name, int inputs, int outputs, bool bias = true) => Linear(name, [outputs, inputs], bias);

    /// <summary>The same layer for products of 8-bit integers, if its weights are stored so: its inputs are then quantised too.</summary>
    public Linear QuantisedLinear(string name, int inputs, int outputs)
    {
        var layer = Linear(name, inputs, outputs);
        return layer with { QuantisesInputs = layer.Weight.Type == DataType.I8 };
    }

    /// <summary>A linear layer whose weight is stored with more dimensions: outputs first, all others being inputs.</summary>
    public Linear Linear(string name, ReadOnlySpan<int> shape, bool bias = true)
    {
        var stored = reader.Checkpoint.Find($"{prefix}{name}.weight", shape);
        var (outputs, inputs) = (shape[0], (int)(stored.Elements / shape[0]));
        var matrix = PackedMatrix.Allocate(engine, DataTypeOf(stored), outputs, inputs, arena);
        ForRows(stored, outputs, inputs, matrix.FillRows);
        if (stored.ElementType == ElementType.I8) FillScales(name, matrix);
        return new Linear(matrix, bias ? Tensor(name + ".bias", outputs) : null);
    }

    /// <summary>A convolution: <c>NAME.weight</c> and, if asked for, <c>NAME.bias</c>. A 2D kernel is stored without its time axis.</summary>
    public ConvolutionLayer Convolution(string name, int inputs, int outputs, in ConvolutionGeometry geometry, bool is3D, bool bias = true)
    {
        var (t, y, x) = (geometry.Time.Kernel, geometry.Height.Kernel, geometry.Width.Kernel);
        ReadOnlySpan<int> shape = is3D ? [outputs, inputs, t, y, x] : [outputs, inputs, y, x];
        var stored = reader.Checkpoint.Find($"{prefix}{name}.weight", shape);
        if (stored.ElementType == ElementType.I8) throw Unreadable(stored);
        var packed = PackedConvolution.Allocate(engine, DataTypeOf(stored), outputs, inputs, geometry, arena);
        ForRows(stored, outputs, inputs * t * y * x, packed.FillFilters);
        return new ConvolutionLayer(packed, bias ? Tensor(name + ".bias", outputs) : null);
    }

    /// <summary>A group norm: <c>NAME.weight</c> and <c>NAME.bias</c>.</summary>
    public GroupNormLayer GroupNorm(string name, int channels, int groups, float epsilon, bool byFrame) =>
        new(Tensor(name + ".weight", channels), Tensor(name + ".bias", channels), groups, epsilon, byFrame);

    private delegate void FillRows(int first, ReadOnlySpan<byte> rows);

    private void ForRows(TensorInfo stored, int rows, int columns, FillRows fill)
    {
        var rowBytes = (long)columns * stored.ElementType.Bits() / 8;
        var group = rowBytes == 0 ? rows : Math.Clamp((int)(WeightReader.LongestPiece / rowBytes) / RowGroup * RowGroup, RowGroup, Math.Max(RowGroup, rows));
        for (var first = 0; first < rows; first += group)
        {
            var count = Math.Min(group, rows - first);
            var bytes = reader.Read(stored, first * rowBytes, checked((int)(count * rowBytes)));
            fill(first, stored.ElementType == ElementType.F64 ? Narrowed(bytes) : bytes);
        }
    }

    private void FillScales(string name, PackedMatrix matrix)
    {
        var stored = reader.Checkpoint.Find($"{prefix}{name}.weight_scale", [matrix.Columns]);
        if (stored.ElementType != ElementType.F32) throw Unreadable(stored);
        matrix.FillScales(MemoryMarshal.Cast<byte, float>(reader.Read(stored, 0, checked((int)stored.ByteLength))));
    }

    private static byte[] Narrowed(ReadOnlySpan<byte> doubles)
    {
        var narrowed = new byte[doubles.Length / 2];
        FloatConversion.ToSingle(ElementType.F64, doubles, MemoryMarshal.Cast<byte, float>(narrowed.AsSpan()));
        return narrowed;
    }

    private static DataType DataTypeOf(TensorInfo stored) => stored.ElementType switch
    {
        ElementType.F32 or ElementType.F64 => DataType.F32,
        ElementType.BF16 => DataType.BF16,
        ElementType.F16 => DataType.F16,
        ElementType.I8 => DataType.I8,
        _ => throw Unreadable(stored),
    };

    private static InvalidFileException Unreadable(TensorInfo stored) => new(stored.File,
        $"tensor {Describe.Quote(stored.Name)} is {stored.ElementType.Name()}; weights must be F32, F16, BF16 or F64, those of linear layers also I8");
}
