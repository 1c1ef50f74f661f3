using OnDeviceSora.Tensors.Cpu;

namespace OnDeviceSora.Tensors;

/// <summary>The weights of a 2D or 3D convolution, packed once as a matrix whose depth runs over taps, then input channels.</summary>
public sealed class PackedConvolution : IDisposable
{
    private readonly ComputeEngine _engine;

    private PackedConvolution(ComputeEngine engine, PackedMatrix matrix, Tensor zeros, in ConvolutionGeometry geometry)
    {
        _engine = engine;
        Matrix = matrix;
        Zeros = zeros;
        Geometry = geometry;
    }

    /// <summary>How the weights are stored.</summary>
    public DataType Type => Matrix.Type;

    /// <summary>Channels of the input.</summary>
    public int InputChannels => Zeros.Shape[0];

    /// <summary>Channels of the output.</summary>
    public int OutputChannels => Matrix.Columns;

    /// <summary>Kernel, stride and padding.</summary>
    public ConvolutionGeometry Geometry { get; }

    internal PackedMatrix Matrix { get; }

    /// <summary>One input position of zeros, which stands for padding.</summary>
    internal Tensor Zeros { get; }

    /// <summary>Bytes that a convolution takes up, in memory of its own or of an arena.</summary>
    /// <param name="engine">The engine that will compute with it.</param>
    /// <param name="type">How the weights are stored.</param>
    /// <param name="outputChannels">Output channels, 1 or more.</param>
    /// <param name="inputChannels">Input channels, 1 or more.</param>
    /// <param name="geometry">Kernel, stride and padding.</param>
    public static long Bytes(ComputeEngine engine, DataType type, int outputChannels, int inputChannels, in ConvolutionGeometry geometry) =>
        PackedMatrix.Bytes(engine, type, outputChannels, checked(geometry.Taps * inputChannels))
        + WeightArena.PieceBytes((long)inputChannels * sizeof(float));

    /// <summary>A convolution whose weights are undefined until <see cref="FillFilters"/>, and <see cref="FillScales"/> for 8-bit integers, have set them all.</summary>
    /// <param name="engine">The engine that will compute with it.</param>
    /// <param name="type">How the weights are stored.</param>
    /// <param name="outputChannels">Output channels, 1 or more.</param>
    /// <param name="inputChannels">Input channels, 1 or more.</param>
    /// <param name="geometry">Kernel, stride and padding.</param>
    /// <param name="arena">Where to take the memory from; default: blocks of its own.</param>
    /// <exception cref="ArgumentException">The geometry makes no sense.</exception>
    /// <exception cref="InvalidOperationException">The arena has too little left.</exception>
    public static PackedConvolution Allocate(
        ComputeEngine engine, DataType type, int outputChannels, int inputChannels, in ConvolutionGeometry geometry, WeightArena? arena = null)
    {
        geometry.Check();
        ArgumentOutOfRangeException.ThrowIfLessThan(outputChannels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(inputChannels, 1);
        var matrix = PackedMatrix.Allocate(engine, type, outputChannels, checked(geometry.Taps * inputChannels), arena);
        var zeros = arena?.Take(inputChannels) ?? engine.AllocateFor(MemoryOwner.Weights, inputChannels);
        zeros.Span.Clear();
        return new PackedConvolution(engine, matrix, zeros, geometry);
    }

    /// <summary>Packs weights as checkpoints store them.</summary>
    /// <param name="engine">The engine that will compute with them.</param>
    /// <param name="weights">Row-major <c>[out, in, kT, kH, kW]</c>, or <c>[out, in, kH, kW]</c> when the kernel in time is 1.</param>
    /// <param name="outputChannels">Output channels, 1 or more.</param>
    /// <param name="inputChannels">Input channels, 1 or more.</param>
    /// <param name="geometry">Kernel, stride and padding.</param>
    /// <exception cref="ArgumentException">The number of weights does not fit, or the geometry makes no sense.</exception>
    public static unsafe PackedConvolution Pack(
        ComputeEngine engine, ReadOnlySpan<float> weights, int outputChannels, int inputChannels, in ConvolutionGeometry geometry)
    {
        geometry.Check();
        ArgumentOutOfRangeException.ThrowIfLessThan(outputChannels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(inputChannels, 1);
        var depth = checked(geometry.Taps * inputChannels);
        if (weights.Length != (long)outputChannels * depth) throw new ArgumentException($"{weights.Length} weights for {outputChannels} x {inputChannels} channels and {geometry.Taps} taps.", nameof(weights));
        var packed = Allocate(engine, DataType.F32, outputChannels, inputChannels, geometry);
        fixed (float* source = weights)
        {
            var from = source;
            engine.Team.For(packed.Matrix.Panels, (panel, _) =>
            {
                var first = panel * packed.Matrix.TileColumns;
                var count = Math.Min(packed.Matrix.TileColumns, outputChannels - first);
                packed.FillFilters(first, new ReadOnlySpan<byte>(from + (long)first * depth, checked(count * depth * sizeof(float))));
            });
        }
        return packed;
    }

    /// <summary>Sets the filters of some output channels. Runs on the calling thread; several threads may fill different filters at once.</summary>
    /// <param name="first">The first output channel.</param>
    /// <param name="filters">Whole filters <c>[n, in, kT, kH, kW]</c> as stored in the weights' precision, little-endian.</param>
    /// <exception cref="ArgumentException">The bytes are no whole filters, or reach beyond the last.</exception>
    public void FillFilters(int first, ReadOnlySpan<byte> filters)
    {
        var filterBytes = checked(Matrix.Depth * WeightWidening.ElementBytes(Type));
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        if (filters.Length % filterBytes != 0 || first + (long)(filters.Length / filterBytes) > OutputChannels)
        {
            throw new ArgumentException($"{filters.Length} bytes from filter {first} on are no whole filters of {OutputChannels} x {Matrix.Depth} {Type}.", nameof(filters));
        }
        if (Geometry.Taps == 1)
        {
            Matrix.FillRows(first, filters);
            return;
        }
        using var buffer = new NativeBuffer(_engine.Memory, MemoryOwner.Scratch, Math.Min(filters.Length, checked(Matrix.TileColumns * filterBytes)));
        while (!filters.IsEmpty)
        {
            // A panel at a time: it is then written once.
            var count = Math.Min(filters.Length / filterBytes, Matrix.TileColumns - first % Matrix.TileColumns);
            var reordered = buffer.Span[..(count * filterBytes)];
            Reorder(filters[..reordered.Length], reordered);
            Matrix.FillRows(first, reordered);
            first += count;
            filters = filters[reordered.Length..];
        }
    }

    /// <summary>Sets the scales of all output channels.</summary>
    /// <param name="scales">One for each output channel.</param>
    /// <exception cref="ArgumentException">There are more or fewer.</exception>
    /// <exception cref="InvalidOperationException">The weights are not 8-bit integers.</exception>
    public void FillScales(ReadOnlySpan<float> scales) => Matrix.FillScales(scales);

    /// <summary>Frees the weights, unless they are an arena's.</summary>
    public void Dispose()
    {
        Matrix.Dispose();
        Zeros.Dispose();
    }

    /// <summary>From <c>[out, in, taps]</c> to <c>[out, taps, in]</c>: each filter is transposed.</summary>
    private unsafe void Reorder(ReadOnlySpan<byte> filters, Span<byte> target)
    {
        var elementBytes = WeightWidening.ElementBytes(Type);
        fixed (byte* from = filters, to = target)
        {
            for (var i = 0; i < filters.Length; i += Matrix.Depth * elementBytes)
            {
                PanelFill.Run(elementBytes, from + i, InputChannels, Geometry.Taps, to + i, InputChannels);
            }
        }
    }
}
