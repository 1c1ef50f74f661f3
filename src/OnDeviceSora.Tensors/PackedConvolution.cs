using OnDeviceSora.Tensors.Cpu;

namespace OnDeviceSora.Tensors;

/// <summary>The weights of a 2D or 3D convolution, packed once as a matrix whose depth runs over taps, then input channels.</summary>
public sealed class PackedConvolution : IDisposable
{
    private PackedConvolution(PackedMatrix matrix, NativeBuffer zeros, int inputChannels, ConvolutionGeometry geometry)
    {
        Matrix = matrix;
        Zeros = zeros;
        InputChannels = inputChannels;
        Geometry = geometry;
    }

    /// <summary>Channels of the input.</summary>
    public int InputChannels { get; }

    /// <summary>Channels of the output.</summary>
    public int OutputChannels => Matrix.Columns;

    /// <summary>Kernel, stride and padding.</summary>
    public ConvolutionGeometry Geometry { get; }

    internal PackedMatrix Matrix { get; }

    /// <summary>One input position of zeros, which stands for padding.</summary>
    internal NativeBuffer Zeros { get; }

    /// <summary>Packs weights as checkpoints store them.</summary>
    /// <param name="engine">The engine that will compute with them.</param>
    /// <param name="weights">Row-major <c>[out, in, kT, kH, kW]</c>, or <c>[out, in, kH, kW]</c> when the kernel in time is 1.</param>
    /// <param name="outputChannels">Output channels, 1 or more.</param>
    /// <param name="inputChannels">Input channels, 1 or more.</param>
    /// <param name="geometry">Kernel, stride and padding.</param>
    /// <exception cref="ArgumentException">The number of weights does not fit, or the geometry makes no sense.</exception>
    public static PackedConvolution Pack(
        ComputeEngine engine, ReadOnlySpan<float> weights, int outputChannels, int inputChannels, in ConvolutionGeometry geometry)
    {
        geometry.Check();
        ArgumentOutOfRangeException.ThrowIfLessThan(outputChannels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(inputChannels, 1);
        var taps = geometry.Taps;
        var depth = checked(taps * inputChannels);
        if (weights.Length != (long)outputChannels * depth) throw new ArgumentException($"{weights.Length} weights for {outputChannels} x {inputChannels} channels and {taps} taps.", nameof(weights));
        using var reordered = engine.AllocateFor(MemoryOwner.Scratch, outputChannels, depth);
        var target = reordered.Span;
        for (var o = 0; o < outputChannels; o++)
        {
            var filter = weights.Slice(o * depth, depth);
            var row = target.Slice(o * depth, depth);
            for (var c = 0; c < inputChannels; c++)
            {
                for (var tap = 0; tap < taps; tap++) row[tap * inputChannels + c] = filter[c * taps + tap];
            }
        }
        var zeros = new NativeBuffer(engine.Memory, MemoryOwner.Weights, inputChannels * sizeof(float));
        unsafe
        {
            new Span<float>(zeros.Pointer, inputChannels).Clear();
        }
        return new PackedConvolution(PackedMatrix.Pack(engine, target, outputChannels, depth), zeros, inputChannels, geometry);
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        Matrix.Dispose();
        Zeros.Dispose();
    }
}
