namespace OnDeviceSora.Tensors.Tests.Operations;

/// <summary>Operands that do not fit are refused with an <see cref="ArgumentException"/> that says what was wrong.</summary>
public sealed class ShapeErrorTests : IDisposable
{
    private readonly ComputeEngine _engine = new(2);
    private readonly List<Tensor> _tensors = [];

    public void Dispose()
    {
        _tensors.ForEach(tensor => tensor.Dispose());
        _engine.Dispose();
    }

    [Fact]
    public void MatMul_checks_its_operands()
    {
        using var w = PackedMatrix.Pack(_engine, new float[15], 5, 3);
        MatMul.Run(_engine, T(4, 3), w, T(4, 5));
        Refuses("[4, 2]", () => MatMul.Run(_engine, T(4, 2), w, T(4, 5)));
        Refuses("[4, 6]", () => MatMul.Run(_engine, T(4, 3), w, T(4, 6)));
        Refuses("[3, 5]", () => MatMul.Run(_engine, T(4, 3), w, T(3, 5)));
        Refuses("[]", () => MatMul.Run(_engine, T(), w, T(4, 5)));
        Refuses("Bias", () => MatMul.Run(_engine, T(4, 3), w, T(4, 5), new Epilogue { Bias = T(4) }));
        Refuses("Residual", () => MatMul.Run(_engine, T(4, 3), w, T(4, 5), new Epilogue { Residual = T(3, 5) }));
        Refuses("RowsPerGate", () => MatMul.Run(_engine, T(4, 3), w, T(4, 5), new Epilogue { Gate = T(4, 5) }));
        Refuses("Gate", () => MatMul.Run(_engine, T(4, 3), w, T(4, 5), new Epilogue { Gate = T(1, 5), RowsPerGate = 3 }));
        Refuses("14 weights", () => PackedMatrix.Pack(_engine, new float[14], 5, 3));
        Refuses("columns", () => PackedMatrix.Pack(_engine, new float[15], -5, -3));
    }

    [Fact]
    public void Weights_of_another_vector_width_are_refused()
    {
        using var narrow = new ComputeEngine(1, VectorWidth.Bits128);
        using var w = PackedMatrix.Pack(narrow, new float[15], 5, 3);
        if (_engine.VectorWidth == VectorWidth.Bits128) return;
        Refuses("vector width", () => MatMul.Run(_engine, T(4, 3), w, T(4, 5)));
    }

    [Fact]
    public void Products_without_columns_or_depth_check_their_rows()
    {
        using var noColumns = PackedMatrix.Pack(_engine, [], 0, 3);
        using var noDepth = PackedMatrix.Pack(_engine, [], 5, 0);
        MatMul.Run(_engine, T(4, 3), noColumns, T(4, 0));
        Refuses("rows", () => MatMul.Run(_engine, T(4, 3), noColumns, T(5, 0)));
        Refuses("rows", () => MatMul.Run(_engine, T(7, 0), noDepth, T(4, 5)));
    }

    [Fact]
    public void Convolution_checks_its_operands()
    {
        var geometry = ConvolutionGeometry.Picture(ConvolutionAxis.Same(3), ConvolutionAxis.Same(3));
        using var w = PackedConvolution.Pack(_engine, new float[5 * 3 * 9], 5, 3, geometry);
        Convolution.Run(_engine, T(1, 4, 4, 3), w, T(1, 4, 4, 5));
        Refuses("[1, 4, 4, 2]", () => Convolution.Run(_engine, T(1, 4, 4, 2), w, T(1, 4, 4, 5)));
        Refuses("[4, 4, 3]", () => Convolution.Run(_engine, T(4, 4, 3), w, T(1, 4, 4, 5)));
        Refuses("[1, 4, 3, 5]", () => Convolution.Run(_engine, T(1, 4, 4, 3), w, T(1, 4, 3, 5)));
        Refuses("several frames", () => Convolution.Run(_engine, T(1, 4, 4, 3), w, T(1, 4, 4, 5), new Epilogue { Expansion = new FramePairs(2, 2) }));
        Refuses("taps", () => PackedConvolution.Pack(_engine, new float[134], 5, 3, geometry));
        Refuses("Height", () => PackedConvolution.Pack(_engine, new float[9], 1, 1, ConvolutionGeometry.Picture(new(3, 0), new(3))));
        Refuses("Width", () => PackedConvolution.Pack(_engine, new float[9], 1, 1, ConvolutionGeometry.Picture(new(3), new(3, 1, -1))));
        Refuses("Time", () => PackedConvolution.Pack(_engine, [], 1, 1, default));
        Refuses("inputChannels", () => PackedConvolution.Pack(_engine, [], 1, 0, geometry));
    }

    [Fact]
    public void Weights_that_do_not_fit_are_refused()
    {
        using var w = PackedMatrix.Allocate(_engine, DataType.BF16, 5, 3);
        w.FillRows(3, new byte[12]);
        w.FillRows(5, []);
        Refuses("11 bytes", () => w.FillRows(0, new byte[11]));
        Refuses("18 bytes from row 3", () => w.FillRows(3, new byte[18]));
        Refuses("firstRow", () => w.FillRows(-1, new byte[6]));
        Refuses("row 6", () => w.FillRows(6, []));
        Assert.Throws<InvalidOperationException>(() => w.FillScales(new float[5]));
        Refuses("columns", () => PackedMatrix.Allocate(_engine, DataType.I8, -1, 3));
        Refuses("precision", () => PackedMatrix.Allocate(_engine, (DataType)9, 5, 3));
        using var bytes = PackedMatrix.Allocate(_engine, DataType.I8, 5, 3);
        Refuses("4 scales", () => bytes.FillScales(new float[4]));
        using var noDepth = PackedMatrix.Allocate(_engine, DataType.I8, 5, 0);
        noDepth.FillRows(0, []);
        Refuses("1 bytes", () => noDepth.FillRows(0, new byte[1]));
    }

    [Fact]
    public void Filters_that_do_not_fit_are_refused()
    {
        var geometry = ConvolutionGeometry.Picture(ConvolutionAxis.Same(3), ConvolutionAxis.Same(3));
        using var w = PackedConvolution.Allocate(_engine, DataType.I8, 5, 3, geometry);
        w.FillFilters(3, new byte[54]);
        w.FillFilters(5, []);
        Refuses("26 bytes", () => w.FillFilters(0, new byte[26]));
        Refuses("81 bytes from filter 3", () => w.FillFilters(3, new byte[81]));
        Refuses("first", () => w.FillFilters(-1, new byte[27]));
        Refuses("6 scales", () => w.FillScales(new float[6]));
        Refuses("Height", () => PackedConvolution.Allocate(_engine, DataType.F32, 1, 1, ConvolutionGeometry.Picture(new(3, 0), new(3))));
        Refuses("inputChannels", () => PackedConvolution.Allocate(_engine, DataType.F32, 1, 0, geometry));
    }

    [Fact]
    public void Attention_checks_its_operands()
    {
        Attention.Run(_engine, Arguments());
        Refuses("Key", () => Attention.Run(_engine, Arguments() with { Key = Sequences.OfRows(T(2, 5, 7), 0, 2, 5, 8) }));
        Refuses("Output", () => Attention.Run(_engine, Arguments() with { Output = Sequences.OfRows(T(2, 3, 8), 1, 2, 3, 8) }));
        Refuses("number of sequences", () => Attention.Run(_engine, Arguments() with { Query = Sequences.OfRows(T(3, 3, 8), 0, 3, 3, 8) }));
        Refuses("as many as", () => Attention.Run(_engine, Arguments() with { Value = Sequences.OfRows(T(2, 4, 8), 0, 2, 4, 8) }));
        Refuses("Bias", () => Attention.Run(_engine, Arguments() with { Bias = T(2, 3, 4) }));
        Refuses("key lengths", () => Attention.Run(_engine, Arguments() with { KeyLengths = [5] }));
        Refuses("key length", () => Attention.Run(_engine, Arguments() with { KeyLengths = [5, 6] }));
        Refuses("key length", () => Attention.Run(_engine, Arguments() with { KeyLengths = [-1, 5] }));
        Refuses("Heads", () => Attention.Run(_engine, Arguments() with { Heads = -2 }));
        Refuses("HeadSize", () => Attention.Run(_engine, Arguments() with { HeadSize = -4 }));
        Refuses("Norm", () => Attention.Run(_engine, Arguments() with { QueryNorm = T(5) }));
        Refuses("Norm", () => Attention.Run(_engine, Arguments() with { KeyNorm = T(3) }));
        using var narrow = RopeTable.Create(_engine, [1], 5);
        using var few = RopeTable.Create(_engine, [1, 0.1f], 4);
        Refuses("heads of 2", () => Attention.Run(_engine, Arguments() with { Rope = narrow }));
        Refuses("4 positions", () => Attention.Run(_engine, Arguments() with { Rope = few }));
        foreach (var wrong in (Sequences[])[
            Arguments().Key with { Offset = -1 }, Arguments().Key with { TokenStride = -8 }, Arguments().Key with { OuterStride = -40 },
            Arguments().Key with { Outer = -2, Inner = -1 }, Arguments().Key with { Tokens = -5 }])
        {
            Refuses("negative", () => Attention.Run(_engine, Arguments() with { Key = wrong }));
        }
    }

    [Fact]
    public void Norms_check_their_operands()
    {
        Refuses("groups", () => GroupNorm.Run(_engine, T(1, 4, 6), 4, T(6), T(6), 1e-6f, false, T(1, 4, 6)));
        Refuses("groups", () => GroupNorm.Run(_engine, T(1, 4, 6), 0, T(6), T(6), 1e-6f, false, T(1, 4, 6)));
        Refuses("Weight", () => GroupNorm.Run(_engine, T(1, 4, 6), 2, T(5), T(6), 1e-6f, false, T(1, 4, 6)));
        Refuses("bias", () => GroupNorm.Run(_engine, T(1, 4, 6), 2, T(6), T(7), 1e-6f, false, T(1, 4, 6)));
        Refuses("output", () => GroupNorm.Run(_engine, T(1, 4, 6), 2, T(6), T(6), 1e-6f, false, T(1, 3, 6)));
        Refuses("[6]", () => GroupNorm.Run(_engine, T(6), 2, T(6), T(6), 1e-6f, false, T(6)));
        Refuses("Output", () => LayerNorm.Run(_engine, T(4, 6), 1e-6f, T(4, 5)));
        Refuses("shifts", () => LayerNorm.Run(_engine, T(4, 6), 1e-6f, T(4, 6), new Modulation(T(1, 6), T(2, 6), 2)));
        Refuses("scales", () => LayerNorm.Run(_engine, T(4, 6), 1e-6f, T(4, 6), new Modulation(T(2, 6), T(1, 6), 2)));
        Refuses("scales", () => LayerNorm.Run(_engine, T(4, 6), 1e-6f, T(4, 6), new Modulation(T(2, 6), null!, 2)));
        Refuses("RowsPerGroup", () => LayerNorm.Run(_engine, T(4, 6), 1e-6f, T(4, 6), new Modulation(T(2, 6), T(2, 6), 0)));
        Refuses("[]", () => LayerNorm.Run(_engine, T(), 1e-6f, T()));
        Refuses("Weight", () => RmsNorm.Run(_engine, T(4, 6), T(5), 1e-6f, T(4, 6)));
        Refuses("output", () => RmsNorm.Run(_engine, T(4, 6), T(6), 1e-6f, T(4, 5)));
    }

    [Fact]
    public void Row_operations_check_their_operands()
    {
        var pairs = new FramePairs(frames: 5, positions: 2);
        using var identity = PackedMatrix.Pack(_engine, [1, 0, 0, 0, 1, 0, 0, 0, 1], 3, 3);
        Assert.Throws<ArgumentOutOfRangeException>(() => new FramePairs(1, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FramePairs(2, 0));
        Refuses("5 frames of 2", () => pairs.Average(_engine, T(1, 4, 2, 3), T(1, 2, 2, 3)));
        Refuses("should be 4", () => pairs.Average(_engine, T(1, 5, 2, 3), T(1, 3, 2, 3)));
        Refuses("[1, 2, 2, 4]", () => pairs.Average(_engine, T(1, 5, 2, 3), T(1, 2, 2, 4)));
        Refuses("[1, 5, 2, 3]", () => LayerNorm.Run(_engine, T(1, 5, 2, 3), 1e-6f, T(1, 5, 2, 3), default, pairs));
        Refuses("should be 4", () => MatMul.Run(_engine, T(1, 3, 2, 3), identity, T(1, 5, 2, 3), new Epilogue { Expansion = pairs }));
        Refuses("Gate", () => MatMul.Run(_engine, T(1, 2, 2, 3), identity, T(1, 5, 2, 3), new Epilogue { Expansion = pairs, Gate = T(1, 3), RowsPerGate = 9 }));
        Refuses("Residual", () => MatMul.Run(_engine, T(1, 2, 2, 3), identity, T(1, 5, 2, 3), new Epilogue { Expansion = pairs, Residual = T(1, 2, 2, 3) }));
        Refuses("[4]", () => Elementwise.Add(_engine, T(3), T(4)));
        Refuses("[4]", () => Elementwise.Multiply(_engine, T(3), T(4)));
        Refuses("[4]", () => Elementwise.AddScaled(_engine, T(3), T(4), 2));
        Refuses("[]", () => Softmax.Run(_engine, T()));
    }

    private AttentionArguments Arguments() => new()
    {
        Query = Sequences.OfRows(T(2, 3, 8), 0, 2, 3, 8),
        Key = Sequences.OfRows(T(2, 5, 8), 0, 2, 5, 8),
        Value = Sequences.OfRows(T(2, 5, 8), 0, 2, 5, 8),
        Output = Sequences.OfRows(T(2, 3, 8), 0, 2, 3, 8),
        Heads = 2,
        HeadSize = 4,
        Scale = 0.5f,
    };

    private Tensor T(params int[] extents)
    {
        _tensors.Add(_engine.AllocateZeroed(extents));
        return _tensors[^1];
    }

    private static void Refuses(string text, Action operation) =>
        Assert.Contains(text, Assert.ThrowsAny<ArgumentException>(operation).Message, StringComparison.OrdinalIgnoreCase);
}
