namespace OnDeviceSora.Tensors.Cpu.Bytes;

/// <summary>
/// The loops around the micro-kernel of bytes. Each task packs a block of rows once; each panel of weights runs down its whole depth
/// against them, so that a sum never leaves its register before it is a float. Chunks of columns wait in the second-level cache
/// for the epilogue.
/// </summary>
internal static unsafe class ByteProduct
{
    /// <summary>Column panels that are computed before the epilogue stores them.</summary>
    private const int ColumnPanels = 6;

    /// <summary>Most rows in a task.</summary>
    private const int MaximumRows = 168;

    /// <summary>Most rows in a task that quantises its results, whose floats it keeps until their rows are complete.</summary>
    private const int MaximumWholeRows = 84;

    /// <summary>Most bytes of packed rows in a task: half a second-level cache.</summary>
    private const int MaximumPackedBytes = 1 << 20;

    /// <summary>Computes a product into floats.</summary>
    public static void Run<TPacker>(ComputeEngine engine, TPacker packer, int rows, PackedMatrix weights, Tensor output, in Epilogue epilogue)
        where TPacker : struct, IByteRowPacker => Run(engine, packer, rows, weights, output, null, epilogue);

    /// <summary>Computes a product and quantises its rows.</summary>
    public static void Run<TPacker>(ComputeEngine engine, TPacker packer, int rows, PackedMatrix weights, QuantisedRows output, in Epilogue epilogue)
        where TPacker : struct, IByteRowPacker => Run(engine, packer, rows, weights, null, output, epilogue);

    /// <summary>Bytes of scratch memory that each thread takes for a product at most.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="rows">Rows of the result.</param>
    /// <param name="columns">Columns of the result.</param>
    /// <param name="depth">Products in each sum.</param>
    /// <param name="quantises">Whether the result is quantised.</param>
    public static long ScratchBytes(ComputeEngine engine, int rows, int columns, int depth, bool quantises)
    {
        var (kernel, words) = (engine.ByteKernel, (depth + 3) / 4);
        var panels = (columns + kernel.Columns - 1) / kernel.Columns;
        return new Layout(kernel, words, Grid(engine, rows, panels, words, quantises).MostRowPanels, quantises ? columns : 0).Bytes;
    }

    private static TaskGrid Grid(ComputeEngine engine, int rows, int panels, int words, bool quantises)
    {
        var tileRows = engine.ByteKernel.Rows;
        var most = Math.Min(MaximumPackedBytes / Math.Max(1, 4 * words), quantises ? MaximumWholeRows : MaximumRows);
        return new TaskGrid((rows + tileRows - 1) / tileRows, (panels + ColumnPanels - 1) / ColumnPanels, Math.Max(1, most / tileRows), engine.Threads, quantises);
    }

    private static void Run<TPacker>(
        ComputeEngine engine, TPacker packer, int rows, PackedMatrix weights, Tensor? output, QuantisedRows? quantised, in Epilogue epilogue)
        where TPacker : struct, IByteRowPacker
    {
        epilogue.Check(epilogue.OutputRows(rows), weights.Columns);
        if (weights.Type != DataType.I8) throw new ArgumentException($"A product of bytes needs weights of 8 bits, not {weights.Type}.", nameof(weights));
        if (weights.TileColumns != engine.ByteKernel.Columns) throw new ArgumentException("The weights were packed for another vector width.", nameof(weights));
        if (weights.Depth > ByteKernel.MaximumDepth) throw new ArgumentException($"A product of bytes is at most {ByteKernel.MaximumDepth} deep, not {weights.Depth}.", nameof(weights));
        if (rows == 0 || weights.Columns == 0) return;
        var grid = Grid(engine, rows, weights.Panels, weights.Words, quantised is not null);
        var job = new Job<TPacker>(engine, packer, rows, weights, output, quantised, epilogue, grid);
        engine.Team.For(grid.Tasks, job.RunTask);
    }

    /// <summary>A task's scratch memory, in units of four bytes.</summary>
    private readonly struct Layout
    {
        public readonly long Panels;
        public readonly long Scales;
        public readonly long Zeros;
        public readonly long Sums;
        public readonly long WholeRows;
        private readonly long _end;

        public Layout(ByteKernel kernel, int words, int rowPanels, int wholeColumns)
        {
            var rows = (long)rowPanels * kernel.Rows;
            Panels = (long)kernel.Rows * words;
            Scales = Panels + rows * words;
            Zeros = Scales + rows;
            Sums = Zeros + rows;
            WholeRows = Sums + rows * ColumnPanels * kernel.Columns;
            _end = WholeRows + rows * wholeColumns;
        }

        public long Bytes => _end * sizeof(float);
    }

    private sealed class Job<TPacker>(
        ComputeEngine engine, TPacker packer, int rows, PackedMatrix weights, Tensor? output, QuantisedRows? quantised, Epilogue epilogue, TaskGrid grid)
        where TPacker : struct, IByteRowPacker
    {
        private readonly ByteKernel _kernel = engine.ByteKernel;

        public void RunTask(int task, int thread)
        {
            var (rowPanels, chunks) = grid.Locate(task);
            var panels = rowPanels.End.Value - rowPanels.Start.Value;
            var layout = new Layout(_kernel, weights.Words, panels, quantised is null ? 0 : weights.Columns);
            var scratch = engine.Scratch.Take(thread, layout.Bytes / sizeof(float));
            var firstRow = rowPanels.Start.Value * _kernel.Rows;
            var count = Math.Min(rows - firstRow, panels * _kernel.Rows);
            Pack(firstRow, panels, layout, scratch);
            // Rows to be quantised are addressed as if the first of all lay before those of this task.
            var target = output is null ? scratch + layout.WholeRows - (long)firstRow * weights.Columns : output.Pointer;
            for (var chunk = chunks.Start.Value; chunk < chunks.End.Value; chunk++)
            {
                Multiply(chunk * ColumnPanels, panels, layout, scratch);
                Store(chunk * ColumnPanels, firstRow, count, scratch + layout.Sums, target);
            }
            for (var row = firstRow; row < firstRow + count; row++) quantised?.Set(row, target + (long)row * weights.Columns);
        }

        private void Pack(int firstRow, int panels, in Layout layout, float* scratch)
        {
            for (var panel = 0; panel < panels; panel++)
            {
                var (within, row) = (panel * _kernel.Rows, firstRow + panel * _kernel.Rows);
                packer.Pack(
                    row, Math.Min(_kernel.Rows, rows - row), _kernel.Rows, (byte*)scratch,
                    scratch + layout.Panels + (long)within * weights.Words, scratch + layout.Scales + within, (int*)(scratch + layout.Zeros) + within);
            }
        }

        /// <summary>
        /// Each panel of weights against every row panel. To fetch the next panel by instructions meanwhile is no faster: the machine does
        /// so by itself, panels lying one behind the other.
        /// </summary>
        private void Multiply(int firstPanel, int rowPanels, in Layout layout, float* scratch)
        {
            var stride = ColumnPanels * _kernel.Columns;
            var lastPanel = Math.Min(weights.Panels, firstPanel + ColumnPanels);
            for (var panel = firstPanel; panel < lastPanel; panel++)
            {
                var sums = scratch + layout.Sums + (panel - firstPanel) * _kernel.Columns;
                for (var row = 0; row < rowPanels * _kernel.Rows; row += _kernel.Rows)
                {
                    var scaling = new ByteScaling
                    {
                        RowZeros = (int*)(scratch + layout.Zeros) + row,
                        RowScales = scratch + layout.Scales + row,
                        ColumnSums = weights.ColumnSums(panel),
                        ColumnScales = weights.Scales(panel),
                    };
                    var a = (byte*)(scratch + layout.Panels + (long)row * weights.Words);
                    _kernel.Run(a, (sbyte*)weights.Panel(panel, 0), weights.Words, scaling, sums + (long)row * stride, stride);
                }
            }
        }

        private void Store(int firstPanel, int firstRow, int count, float* sums, float* target)
        {
            var (column, stride) = (firstPanel * _kernel.Columns, ColumnPanels * _kernel.Columns);
            var columns = Math.Min(stride, weights.Columns - column);
            for (var row = firstRow; row < firstRow + count; row++, sums += stride) epilogue.Store(sums, row, column, columns, target, weights.Columns);
        }
    }
}
