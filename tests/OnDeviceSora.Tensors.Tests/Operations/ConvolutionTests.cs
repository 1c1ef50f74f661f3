using OnDeviceSora.Tensors.Tests.Reference;

namespace OnDeviceSora.Tensors.Tests.Operations;

[Trait("Category", "Operations")]
public class ConvolutionTests
{
    private static readonly ConvolutionAxis Same3 = ConvolutionAxis.Same(3);

    [Theory]
    [MemberData(nameof(EngineCase.All), MemberType = typeof(EngineCase))]
    public void Pictures_agree_with_the_reference(VectorWidth width, Placement placement)
    {
        using var engine = EngineCase.Create(width, placement);
        var same = ConvolutionGeometry.Picture(Same3, Same3);
        foreach (var channels in (int[])[1, 2, 3, 4, 5, 8, 17]) Check(engine, [1, 5, 6, channels], 3, same);
        foreach (var outputs in (int[])[1, engine.Kernel.Columns - 1, engine.Kernel.Columns, engine.Kernel.Columns + 1]) Check(engine, [2, 4, 5, 4], outputs, same);
        foreach (var size in (int[])[1, 2, 3, 7]) Check(engine, [1, size, size + 1, 3], 4, same);
        Check(engine, [2, 3, 3, 6], 5, ConvolutionGeometry.Picture(new(1), new(1)));
        // The halving of the encoder: stride 2, padding behind only.
        Check(engine, [1, 7, 8, 3], 4, ConvolutionGeometry.Picture(new(3, 2, 0, 1), new(3, 2, 0, 1)));
    }

    [Theory]
    [MemberData(nameof(EngineCase.All), MemberType = typeof(EngineCase))]
    public void Videos_agree_with_the_reference(VectorWidth width, Placement placement)
    {
        using var engine = EngineCase.Create(width, placement);
        foreach (var frames in (int[])[1, 2, 3, 5]) Check(engine, [frames, 3, 4, 3], 4, new(new(3, 1, 2, 0), Same3, Same3));
        // Strided and causal in time, as where the temporal autoencoder halves the frames.
        foreach (var frames in (int[])[1, 2, 4, 5]) Check(engine, [frames, 3, 3, 4], 5, new(new(3, 2, 2, 0), Same3, Same3));
        Check(engine, [4, 5, 6, 2], 3, new(new(2, 1, 1, 0), new(4, 3, 2, 1), new(5, 2, 0, 4)));
        Check(engine, [5, 4, 3, 2], 3, new(new(3), new(3), new(3)));
    }

    [Theory]
    [MemberData(nameof(EngineCase.All), MemberType = typeof(EngineCase))]
    public void Many_positions_and_deep_patches_agree_with_the_reference(VectorWidth width, Placement placement)
    {
        using var engine = EngineCase.Create(width, placement);
        Check(engine, [1, 19, 23, 3], 7, ConvolutionGeometry.Picture(Same3, Same3));
        Check(engine, [2, 3, 3, 43], 5, ConvolutionGeometry.Picture(Same3, Same3));
    }

    [Theory]
    [MemberData(nameof(EngineCase.All), MemberType = typeof(EngineCase))]
    public void The_epilogue_applies(VectorWidth width, Placement placement)
    {
        using var engine = EngineCase.Create(width, placement);
        foreach (var activation in Enum.GetValues<Activation>())
        {
            var positions = 4 * 5;
            Check(engine, [1, 4, 5, 3], 9, ConvolutionGeometry.Picture(Same3, Same3), new EpilogueValues(
                Numbers.Of(9, 3), activation, Numbers.Of(4 * 9, 4), 5, Numbers.Of(positions * 9, 5)));
        }
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(2, 2)]
    [InlineData(0, 1)]
    [InlineData(0, 2)]
    [InlineData(1, 3)]
    public void A_kernel_that_does_not_fit_gives_an_empty_result(int height, int stride)
    {
        using var engine = new ComputeEngine();
        Assert.Equal(0, new ConvolutionAxis(3, stride).OutputSize(height));
        Check(engine, [1, height, 4, 2], 3, ConvolutionGeometry.Picture(new(3, stride), new(1)));
    }

    private static void Check(ComputeEngine engine, int[] size, int outputs, ConvolutionGeometry geometry, EpilogueValues? epilogue = null)
    {
        var e = epilogue ?? EpilogueValues.None;
        var taps = geometry.Time.Kernel * geometry.Height.Kernel * geometry.Width.Kernel;
        var (x, w) = (Numbers.Of(new Shape(size).Length, 1), Numbers.Of(outputs * size[3] * taps, 2));
        var (expected, shape) = ProductReference.Convolution(x, size, w, outputs, geometry, e);
        using var input = engine.From(x, size);
        using var source = engine.From(w, w.Length);
        using var weights = PackedConvolution.Pack(engine, source.Span, outputs, size[3], geometry);
        using var output = Numbers.Poisoned(engine, shape);
        using var bias = e.Bias is null ? null : engine.From(e.Bias, outputs);
        using var gate = e.Gate is null ? null : engine.From(e.Gate, e.Gate.Length / outputs, outputs);
        using var residual = e.Residual is null ? null : engine.From(e.Residual, shape);
        Assert.Equal(shape, Convolution.OutputShape(input.Shape, weights).Extents.ToArray());
        Convolution.Run(engine, input, weights, output, new Epilogue
        {
            Bias = bias,
            Activation = e.Activation,
            Gate = gate,
            RowsPerGate = e.RowsPerGate,
            Residual = residual,
        });
        expected.Check(output.Span, $"{input.Shape} to {output.Shape} by {geometry}");
    }
}
