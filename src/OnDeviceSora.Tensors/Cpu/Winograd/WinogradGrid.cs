namespace OnDeviceSora.Tensors.Cpu.Winograd;

/// <summary>
/// How a convolution is cut up for <see cref="WinogradConvolution"/>: the picture into tiles, 14 of them (with 512 bits) to a row panel; row
/// panels into blocks and frames into runs, whose transformed inputs are held at once; output channels into chunks, whose transformed
/// filters are held at once. None of it depends on the number of threads.
/// </summary>
internal sealed class WinogradGrid
{
    /// <summary>Input channels come in multiples of this, a vector of any width.</summary>
    public const int ChannelStep = 16;

    /// <summary>Row panels of a product's task: its sums stay in the second-level cache.</summary>
    public const int TaskRowPanels = 4;

    /// <summary>Column panels of a product's task.</summary>
    public const int TaskColumnPanels = 2;

    /// <summary>Keeps arrays that are written side by side apart from a power of two, where they would share few lines of the cache.</summary>
    public const int Stagger = 16;

    /// <summary>Channels of a filter that are transformed at a time.</summary>
    public const int FilterDepth = 32;

    private const int FewestInputChannels = 32;

    /// <summary>Tiles under which row panels are half empty, and transforming the filters is most of the work.</summary>
    private const int FewestTiles = 16;

    /// <param name="kernel">The micro-kernel that will run.</param>
    /// <param name="input">Extents of the input.</param>
    /// <param name="inputChannels">Its channels.</param>
    /// <param name="outputChannels">Channels of the output.</param>
    /// <param name="geometry">Kernel, stride and padding.</param>
    /// <param name="limits">How much is held at once.</param>
    public WinogradGrid(
        MicroKernel kernel, (int Frames, int Height, int Width) input, int inputChannels, int outputChannels, in ConvolutionGeometry geometry, WinogradLimits limits)
    {
        (Geometry, Input, Channels, TileRows, TileColumns) = (geometry, input, inputChannels, kernel.Rows, kernel.Columns);
        Output = (geometry.Time.OutputSize(input.Frames), geometry.Height.OutputSize(input.Height), geometry.Width.OutputSize(input.Width));
        TilesAcross = (Output.Width + WinogradTransforms.TileSide - 1) / WinogradTransforms.TileSide;
        Tiles = (Output.Height + WinogradTransforms.TileSide - 1) / WinogradTransforms.TileSide * TilesAcross;
        RowPanels = Parts(Tiles, TileRows);
        ColumnPanels = Parts(outputChannels, TileColumns);
        if (!IsWorthwhile) return;

        var most = (int)Math.Clamp(limits.InputFloats / RowPanelFloats, 1, int.MaxValue);
        RowPanelsAtOnce = Even(RowPanels, Math.Max(1, most / Math.Min(input.Frames, geometry.Time.Kernel)));
        var slots = most / RowPanelsAtOnce;
        FramesAtOnce = slots >= input.Frames ? Output.Frames : Even(Output.Frames, Math.Max(1, (slots - geometry.Time.Kernel) / geometry.Time.Stride + 1));
        Slots = Math.Min(input.Frames, (FramesAtOnce - 1) * geometry.Time.Stride + geometry.Time.Kernel);
        ColumnPanelsAtOnce = Even(ColumnPanels, (int)Math.Clamp(limits.FilterFloats / ((long)WinogradTransforms.Products * Depth * TileColumns), 1, int.MaxValue));
    }

    public ConvolutionGeometry Geometry { get; }

    public (int Frames, int Height, int Width) Input { get; }

    public (int Frames, int Height, int Width) Output { get; }

    /// <summary>Input channels.</summary>
    public int Channels { get; }

    /// <summary>Rows and columns of the micro-kernel.</summary>
    public int TileRows { get; }

    public int TileColumns { get; }

    public int TilesAcross { get; }

    /// <summary>Tiles of a frame.</summary>
    public int Tiles { get; }

    /// <summary>Row panels of a frame.</summary>
    public int RowPanels { get; }

    public int ColumnPanels { get; }

    public int RowPanelsAtOnce { get; }

    /// <summary>Output frames at once.</summary>
    public int FramesAtOnce { get; }

    /// <summary>Input frames that are held: those that the output frames at once read.</summary>
    public int Slots { get; }

    public int ColumnPanelsAtOnce { get; }

    /// <summary>Products in each of the 36 sums: the taps in time, then the input channels.</summary>
    public int Depth => Geometry.Time.Kernel * Channels;

    /// <summary>Transformed inputs of a row panel of a frame: <c>[36][channels][tile rows]</c>.</summary>
    public long RowPanelFloats => (long)WinogradTransforms.Products * Channels * TileRows;

    /// <summary>From one of the 36 transformed filters to the next, each <c>[column panel][depth][tile columns]</c>.</summary>
    public long FilterStride => (long)ColumnPanelsAtOnce * Depth * TileColumns + Stagger;

    /// <summary>From one of a task's 36 sums to the next, each <c>[row][column]</c>.</summary>
    public int SumStride => TaskRowPanels * TileRows * TaskColumnPanels * TileColumns + Stagger;

    /// <summary>Bytes of the transformed inputs that are held at once.</summary>
    public long InputBytes => sizeof(float) * RowPanelFloats * RowPanelsAtOnce * Slots;

    /// <summary>Bytes of the transformed filters that are held at once.</summary>
    public long FilterBytes => sizeof(float) * FilterStride * WinogradTransforms.Products;

    /// <summary>Whether 3x3 taps slide over enough of a picture, with enough channels, for at least half the products to be saved.</summary>
    public bool IsWorthwhile =>
        SlidesOver(Geometry.Height) && SlidesOver(Geometry.Width) && Channels >= FewestInputChannels && Channels % ChannelStep == 0
        && Output.Frames > 0 && Tiles >= FewestTiles && 2L * WinogradTransforms.Products * Tiles <= (long)Geometry.Height.Kernel * Geometry.Width.Kernel * Output.Height * Output.Width;

    /// <summary>Floats of scratch memory of each thread: sums and a tile's outputs; or transformed inputs before they are packed; or widened weights.</summary>
    public long ThreadFloats => Math.Max(
        (long)WinogradTransforms.Products * Math.Max(SumStride, TileRows * ChannelStep) + WinogradTransforms.TileSide * WinogradTransforms.TileSide * TaskColumnPanels * TileColumns,
        (long)WinogradTransforms.KernelSide * WinogradTransforms.KernelSide * FilterDepth * TileColumns);

    /// <summary>How many parts of at most so many items there are.</summary>
    public static int Parts(int items, int most) => (int)(((long)items + most - 1) / most);

    /// <summary>The size of parts of nearly equal size, of at most so many items.</summary>
    private static int Even(int items, int most) => Parts(items, Parts(items, most));

    private static bool SlidesOver(ConvolutionAxis axis) => axis is { Kernel: WinogradTransforms.KernelSide, Stride: 1 };
}
