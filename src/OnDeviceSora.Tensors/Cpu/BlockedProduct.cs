namespace OnDeviceSora.Tensors.Cpu;

/// <summary>
/// The loops around the micro-kernel. Each task owns a block of rows and a range of columns: it packs the rows once and
/// sums chunk after chunk of columns in scratch memory that stays in the second-level cache, and stores each chunk through
/// the epilogue. Weights that are not stored as floats are widened a panel's slice at a time, into scratch memory that stays in
/// the first-level cache while every row panel uses it; where the CPU multiplies bfloat16, the rows are rounded instead.
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

    public static void Run<TPacker>(ComputeEngine engine, TPacker packer, int rows, PackedMatrix weights, Tensor output, in Epilogue epilogue)
        where TPacker : struct, IRowPacker
    {
        epilogue.Check(epilogue.OutputRows(rows), weights.Columns);
        if (weights.TileColumns != engine.Kernel.Columns) throw new ArgumentException("The weights were packed for another vector width.", nameof(weights));
        if (rows == 0 || weights.Columns == 0) return;
        var grid = Grid(engine.Kernel, rows, weights.Panels, weights.Depth, engine.Threads);
        var job = new Job<TPacker>(engine, packer, rows, weights, output, epilogue, grid);
        engine.Team.For(grid.Tasks, job.RunTask);
    }

    /// <summary>Floats of scratch memory that each thread takes for a product at most: packed rows, sums, and a widened slice of weights.</summary>
    public static long ScratchFloats(MicroKernel kernel, int threads, int rows, int columns, int depth)
    {
        var panels = (long)Grid(kernel, rows, (columns + kernel.Columns - 1) / kernel.Columns, depth, threads).MostRowPanels;
        return panels * kernel.Rows * (depth + ColumnPanels * kernel.Columns) + SweepDepth * kernel.Columns;
    }

    private static TaskGrid Grid(MicroKernel kernel, int rows, int panels, int depth, int threads) => new(
        (rows + kernel.Rows - 1) / kernel.Rows,
        (panels + ColumnPanels - 1) / ColumnPanels,
        Math.Clamp(MaximumPackedFloats / Math.Max(1, kernel.Rows * depth), 1, MaximumRowPanels),
        threads);

    private sealed class Job<TPacker>(
        ComputeEngine engine, TPacker packer, int rows, PackedMatrix weights, Tensor output, Epilogue epilogue, TaskGrid grid)
        where TPacker : struct, IRowPacker
    {
        private readonly int _tileRows = engine.Kernel.Rows;
        private readonly int _tileColumns = engine.Kernel.Columns;
        private readonly Bfloat16Kernel? _bfloat16 = weights.Type == DataType.BF16 ? engine.Bfloat16Kernel : null;
        private readonly int _spareLength = weights.Type == DataType.F32 ? 0 : SweepDepth * engine.Kernel.Columns;

        public void RunTask(int task, int thread)
        {
            var (rowPanels, chunks) = grid.Locate(task);
            var (firstPanel, panels) = (rowPanels.Start.Value, rowPanels.End.Value - rowPanels.Start.Value);
            var packedLength = (long)panels * _tileRows * weights.Depth;
            var spare = engine.Scratch.Take(thread, _spareLength + packedLength + (long)panels * _tileRows * ColumnPanels * _tileColumns);
            var packed = spare + _spareLength;
            for (var chunk = chunks.Start.Value; chunk < chunks.End.Value; chunk++)
            {
                SumChunk(chunk * ColumnPanels, firstPanel, panels, spare, packed, packed + packedLength, pack: chunk == chunks.Start.Value);
                StoreChunk(chunk * ColumnPanels, firstPanel, panels, packed + packedLength);
            }
        }

        /// <summary>
        /// Sums some columns, sweep by sweep. The first chunk packs each sweep's slice of the rows right before it needs it,
        /// while it is warm; the slices lie one behind the other, <c>[sweep][row panel][depth][tile rows]</c>.
        /// </summary>
        private void SumChunk(int firstColumnPanel, int firstPanel, int rowPanels, float* spare, float* packed, float* sums, bool pack)
        {
            var columnPanels = Math.Min(ColumnPanels, weights.Panels - firstColumnPanel);
            var depthStart = 0;
            do
            {
                var depth = Math.Min(SweepDepth, weights.Depth - depthStart);
                var slice = packed + (long)depthStart * rowPanels * _tileRows;
                if (pack) PackSlice(firstPanel, rowPanels, depthStart, depth, spare, slice);
                for (var column = 0; column < columnPanels; column++)
                {
                    var b = Slice(firstColumnPanel + column, depthStart, depth, spare);
                    var next = NextPanel(firstColumnPanel, column + 1 < columnPanels ? column + 1 : 0, column + 1 < columnPanels ? depthStart : depthStart + SweepDepth);
                    SumPanel(slice, b, next, depth, rowPanels, sums + column * _tileColumns, accumulate: depthStart > 0);
                }
                depthStart += SweepDepth;
            }
            while (depthStart < weights.Depth);
        }

        /// <summary>Row panels of a slice: as floats, or rounded to bfloat16 in half the room.</summary>
        private void PackSlice(int firstPanel, int rowPanels, int depthStart, int depth, float* spare, float* slice)
        {
            for (var panel = 0; panel < rowPanels; panel++, slice += PanelLength(depth))
            {
                var row = (firstPanel + panel) * _tileRows;
                packer.Pack(row, Math.Min(_tileRows, rows - row), depthStart, depth, _tileRows, _bfloat16 is null ? slice : spare);
                if (_bfloat16 is not null) Bfloat16Rounding.JoinPairs(spare, depth, _tileRows, (uint*)slice);
            }
        }

        private nint PanelLength(int depth) => (nint)(_bfloat16 is null ? depth : (depth + 1) / 2) * _tileRows;

        /// <summary>A panel's slice as the micro-kernel reads it: where it is stored, or widened.</summary>
        private float* Slice(int panel, int depthStart, int depth, float* spare)
        {
            var stored = weights.Panel(panel, depthStart);
            if (weights.Type == DataType.F32 || _bfloat16 is not null) return (float*)stored;
            WeightWidening.Run(weights.Type, stored, weights.Scales(panel), depth, _tileColumns, spare);
            return spare;
        }

        /// <summary>The weights that follow, or those at hand again where the chunk ends.</summary>
        private byte* NextPanel(int firstColumnPanel, int column, int depthStart) =>
            weights.Panel(firstColumnPanel + column, depthStart < weights.Depth ? depthStart : 0);

        /// <summary>One panel of weights against every row panel; meanwhile the next panel is fetched, a part with each tile.</summary>
        private void SumPanel(float* a, float* b, byte* next, int depth, int rowPanels, float* tile, bool accumulate)
        {
            var stride = ColumnPanels * _tileColumns;
            var part = (nint)(WeightWidening.Words(weights.Type, depth) * _tileColumns * sizeof(float) / rowPanels);
            for (var panel = 0; panel < rowPanels; panel++, a += PanelLength(depth), tile += (nint)_tileRows * stride, next += part)
            {
                CachePrefetch.IntoSecondLevel(next, part);
                if (_bfloat16 is null) engine.Kernel.Run(a, b, depth, tile, stride, accumulate);
                else _bfloat16.Run((uint*)a, (uint*)b, (depth + 1) / 2, tile, stride, accumulate);
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
