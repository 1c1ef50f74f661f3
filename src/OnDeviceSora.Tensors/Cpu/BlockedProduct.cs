namespace OnDeviceSora.Tensors.Cpu;

/// <summary>
/// The loops around the micro-kernel. Each task owns a block of rows and a range of columns: it packs the rows once and
/// sums chunk after chunk of columns in scratch memory that stays in the second-level cache, and stores each chunk through
/// the epilogue. Weights that are not stored as floats are widened a panel's slice at a time, into scratch memory that stays in
/// the first-level cache while every row panel uses it.
/// </summary>
internal static unsafe class BlockedProduct
{
    /// <summary>Depth that one sweep of the micro-kernel covers: a weight panel this deep fills half a first-level cache.</summary>
    private const int SweepDepth = 192;

    /// <summary>Most row panels in a task.</summary>
    private const int MaximumRowPanels = 24;

    /// <summary>Most floats of packed rows in a task (8 MiB): deep convolutions take fewer rows at a time.</summary>
    private const int MaximumPackedFloats = 1 << 21;

    /// <summary>Column panels that are summed together, so that a slice of packed rows is used several times while it is near.</summary>
    private const int ColumnPanels = 6;

    /// <summary>Tasks for each thread that are worth having, so that no thread waits long for the last.</summary>
    private const int TasksPerThread = 8;

    public static void Run<TPacker>(ComputeEngine engine, TPacker packer, int rows, PackedMatrix weights, Tensor output, in Epilogue epilogue)
        where TPacker : struct, IRowPacker
    {
        epilogue.Check(rows, weights.Columns);
        if (weights.TileColumns != engine.Kernel.Columns) throw new ArgumentException("The weights were packed for another vector width.", nameof(weights));
        if (rows == 0 || weights.Columns == 0) return;
        var grid = new TaskGrid(rows, weights.Panels, weights.Depth, engine.Kernel.Rows, engine.Threads);
        var job = new Job<TPacker>(engine, packer, rows, weights, output, epilogue, grid);
        engine.Team.For(grid.Tasks, job.RunTask);
    }

    /// <summary>Floats of scratch memory that each thread takes for a product at most: packed rows, sums, and a widened slice of weights.</summary>
    public static long ScratchFloats(MicroKernel kernel, int threads, int rows, int columns, int depth)
    {
        var grid = new TaskGrid(rows, (columns + kernel.Columns - 1) / kernel.Columns, depth, kernel.Rows, threads);
        if (grid.RowBlocks == 0) return 0;
        var panels = (long)(grid.RowPanels + grid.RowBlocks - 1) / grid.RowBlocks;
        return panels * kernel.Rows * (depth + ColumnPanels * kernel.Columns) + SweepDepth * kernel.Columns;
    }

    /// <summary>How rows and columns are cut into tasks.</summary>
    private readonly struct TaskGrid
    {
        public readonly int RowPanels;
        public readonly int RowBlocks;
        public readonly int ColumnChunks;
        public readonly int ColumnBlocks;

        public TaskGrid(int rows, int panels, int depth, int tileRows, int threads)
        {
            RowPanels = (rows + tileRows - 1) / tileRows;
            ColumnChunks = (panels + ColumnPanels - 1) / ColumnPanels;
            // Blocks of nearly equal size, as many as fill the threads evenly.
            var panelsPerBlock = Math.Clamp(MaximumPackedFloats / Math.Max(1, tileRows * depth), 1, MaximumRowPanels);
            RowBlocks = (RowPanels + panelsPerBlock - 1) / panelsPerBlock;
            if (RowBlocks >= threads) RowBlocks = Math.Min(RowPanels, (RowBlocks + threads - 1) / threads * threads);
            var wanted = threads == 1 ? 1 : threads * TasksPerThread;
            ColumnBlocks = RowBlocks >= wanted ? 1 : Math.Min(ColumnChunks, (wanted + RowBlocks - 1) / RowBlocks);
        }

        public int Tasks => RowBlocks * ColumnBlocks;
    }

    private sealed class Job<TPacker>(
        ComputeEngine engine, TPacker packer, int rows, PackedMatrix weights, Tensor output, Epilogue epilogue, TaskGrid grid)
        where TPacker : struct, IRowPacker
    {
        private readonly int _tileRows = engine.Kernel.Rows;
        private readonly int _tileColumns = engine.Kernel.Columns;
        private readonly int _elementBytes = WeightWidening.ElementBytes(weights.Type);
        private readonly int _widenedLength = weights.Type == DataType.F32 ? 0 : SweepDepth * engine.Kernel.Columns;

        public void RunTask(int task, int thread)
        {
            var (rowBlock, columnBlock) = (task / grid.ColumnBlocks, task % grid.ColumnBlocks);
            var firstPanel = Part(grid.RowPanels, grid.RowBlocks, rowBlock);
            var panels = Part(grid.RowPanels, grid.RowBlocks, rowBlock + 1) - firstPanel;
            var packedLength = (long)panels * _tileRows * weights.Depth;
            var widened = engine.Scratch.Take(thread, _widenedLength + packedLength + (long)panels * _tileRows * ColumnPanels * _tileColumns);
            var packed = widened + _widenedLength;
            var firstChunk = Part(grid.ColumnChunks, grid.ColumnBlocks, columnBlock);
            var lastChunk = Part(grid.ColumnChunks, grid.ColumnBlocks, columnBlock + 1);
            for (var chunk = firstChunk; chunk < lastChunk; chunk++)
            {
                SumChunk(chunk * ColumnPanels, firstPanel, panels, widened, packed, packed + packedLength, pack: chunk == firstChunk);
                StoreChunk(chunk * ColumnPanels, firstPanel, panels, packed + packedLength);
            }
        }

        private static int Part(int items, int parts, int part) => (int)((long)items * part / parts);

        /// <summary>
        /// Sums some columns, sweep by sweep. The first chunk packs each sweep's slice of the rows right before it needs it,
        /// while it is warm; the slices lie one behind the other, <c>[sweep][row panel][depth][tile rows]</c>.
        /// </summary>
        private void SumChunk(int firstColumnPanel, int firstPanel, int rowPanels, float* widened, float* packed, float* sums, bool pack)
        {
            var columnPanels = Math.Min(ColumnPanels, weights.Panels - firstColumnPanel);
            var depthStart = 0;
            do
            {
                var depth = Math.Min(SweepDepth, weights.Depth - depthStart);
                var slice = packed + (long)depthStart * rowPanels * _tileRows;
                if (pack) PackSlice(firstPanel, rowPanels, depthStart, depth, slice);
                for (var column = 0; column < columnPanels; column++)
                {
                    var b = Floats(firstColumnPanel + column, depthStart, depth, widened);
                    var next = NextPanel(firstColumnPanel, column + 1 < columnPanels ? column + 1 : 0, column + 1 < columnPanels ? depthStart : depthStart + SweepDepth);
                    SumPanel(slice, b, next, depth, rowPanels, sums + column * _tileColumns, accumulate: depthStart > 0);
                }
                depthStart += SweepDepth;
            }
            while (depthStart < weights.Depth);
        }

        private void PackSlice(int firstPanel, int rowPanels, int depthStart, int depth, float* slice)
        {
            for (var panel = 0; panel < rowPanels; panel++, slice += (nint)depth * _tileRows)
            {
                var row = (firstPanel + panel) * _tileRows;
                packer.Pack(row, Math.Min(_tileRows, rows - row), depthStart, depth, _tileRows, slice);
            }
        }

        /// <summary>A panel's slice as the micro-kernel reads it: where it is stored, or widened.</summary>
        private float* Floats(int panel, int depthStart, int depth, float* widened)
        {
            var stored = weights.Panel(panel, depthStart);
            if (weights.Type == DataType.F32) return (float*)stored;
            WeightWidening.Run(weights.Type, stored, weights.Scales(panel), depth, _tileColumns, widened);
            return widened;
        }

        /// <summary>The weights that follow, or those at hand again where the chunk ends.</summary>
        private byte* NextPanel(int firstColumnPanel, int column, int depthStart) =>
            weights.Panel(firstColumnPanel + column, depthStart < weights.Depth ? depthStart : 0);

        /// <summary>One panel of weights against every row panel; meanwhile the next panel is fetched, a part with each tile.</summary>
        private void SumPanel(float* a, float* b, byte* next, int depth, int rowPanels, float* tile, bool accumulate)
        {
            var stride = ColumnPanels * _tileColumns;
            var part = (nint)(depth * _tileColumns * _elementBytes / rowPanels);
            for (var panel = 0; panel < rowPanels; panel++, a += (nint)depth * _tileRows, tile += (nint)_tileRows * stride, next += part)
            {
                CachePrefetch.IntoSecondLevel(next, part);
                engine.Kernel.Run(a, b, depth, tile, stride, accumulate);
            }
        }

        private void StoreChunk(int firstColumnPanel, int firstPanel, int panels, float* sums)
        {
            var column = firstColumnPanel * _tileColumns;
            var count = Math.Min(ColumnPanels * _tileColumns, weights.Columns - column);
            var firstRow = firstPanel * _tileRows;
            var lastRow = Math.Min(rows, firstRow + panels * _tileRows);
            for (var row = firstRow; row < lastRow; row++, sums += ColumnPanels * _tileColumns)
            {
                epilogue.Store(sums, row, column, count, output.Pointer, weights.Columns);
            }
        }
    }
}
