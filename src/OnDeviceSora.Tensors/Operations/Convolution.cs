using OnDeviceSora.Tensors.Cpu;
using OnDeviceSora.Tensors.Cpu.Winograd;

namespace OnDeviceSora.Tensors;

/// <summary>
/// 2D and (causal) 3D convolution of channels-last videos, as an implicit matrix product or,
/// where that saves products, by Winograd's transforms.
/// </summary>
public static unsafe class Convolution
{
    /// <summary>Shape <c>[frames, height, width, channels]</c> of the result for an input of that layout.</summary>
    public static Shape OutputShape(Shape input, PackedConvolution weights)
    {
        var g = weights.Geometry;
        return new Shape(g.Time.OutputSize(input[0]), g.Height.OutputSize(input[1]), g.Width.OutputSize(input[2]), weights.OutputChannels);
    }

    /// <summary>Computes <c>output = epilogue(input * weights)</c>.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="input">Video <c>[frames, height, width, channels]</c>.</param>
    /// <param name="weights">Packed weights with their geometry.</param>
    /// <param name="output">Result, of <see cref="OutputShape"/>; must not overlap the input.</param>
    /// <param name="epilogue">Bias, activation, gate and residual; a row is one output position.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static void Run(ComputeEngine engine, Tensor input, PackedConvolution weights, Tensor output, in Epilogue epilogue = default)
    {
        if (input.Shape.Rank != 4 || input.Shape[3] != weights.InputChannels) throw new ArgumentException($"Input {input.Shape} should be [frames, height, width, {weights.InputChannels}].", nameof(input));
        var shape = OutputShape(input.Shape, weights);
        if (!output.Shape.Equals(shape)) throw new ArgumentException($"Output {output.Shape} should be {shape}.", nameof(output));
        if (epilogue.Expansion is not null) throw new ArgumentException("Only matrix products store rows into several frames.", nameof(epilogue));
        var grid = Grid(engine, input.Shape, weights.OutputChannels, weights.Geometry);
        if (grid.IsWorthwhile) WinogradConvolution.Run(engine, grid, input, weights, output, epilogue);
        else RunDirect(engine, input, weights, output, epilogue);
        GC.KeepAlive(input);
        GC.KeepAlive(weights);
    }

    /// <summary>Bytes of scratch memory that the engine's threads take together for a convolution, and keep.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="input">Shape <c>[frames, height, width, channels]</c> of the input.</param>
    /// <param name="outputChannels">Channels of the output.</param>
    /// <param name="geometry">Kernel, stride and padding.</param>
    public static long ScratchBytes(ComputeEngine engine, Shape input, int outputChannels, in ConvolutionGeometry geometry)
    {
        var grid = Grid(engine, input, outputChannels, geometry);
        if (grid.IsWorthwhile) return sizeof(float) * engine.Threads * grid.ThreadFloats;
        var rows = (long)grid.Output.Frames * grid.Output.Height * grid.Output.Width;
        return MatMul.ScratchBytes(engine, (int)Math.Min(rows, int.MaxValue / 2), outputChannels, geometry.Taps * input[3]);
    }

    /// <summary>Bytes of memory beside it that a convolution takes while it runs: transformed inputs and filters.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="input">Shape <c>[frames, height, width, channels]</c> of the input.</param>
    /// <param name="outputChannels">Channels of the output.</param>
    /// <param name="geometry">Kernel, stride and padding.</param>
    public static long WorkingBytes(ComputeEngine engine, Shape input, int outputChannels, in ConvolutionGeometry geometry)
    {
        var grid = Grid(engine, input, outputChannels, geometry);
        return grid.IsWorthwhile ? grid.InputBytes + grid.FilterBytes : 0;
    }

    private static WinogradGrid Grid(ComputeEngine engine, Shape input, int outputChannels, in ConvolutionGeometry geometry) =>
        new(engine.Kernel, (input[0], input[1], input[2]), input[3], outputChannels, geometry, WinogradLimits.Default);

    private static void RunDirect(ComputeEngine engine, Tensor input, PackedConvolution weights, Tensor output, in Epilogue epilogue)
    {
        var patches = new PatchRows(
            input.Pointer, weights.Zeros.Pointer, weights.InputChannels,
            (input.Shape[0], input.Shape[1], input.Shape[2]), (output.Shape[1], output.Shape[2]), weights.Geometry);
        BlockedProduct.Run(engine, patches, MatMul.RowsOf(output, weights.OutputChannels), weights.Matrix, output, epilogue);
    }
}
