namespace OnDeviceSora.Tensors.Cpu;

/// <summary>How the rows and columns of a product are cut into tasks: blocks of row panels, by ranges of column chunks.</summary>
internal readonly struct TaskGrid
{
    /// <summary>Tasks for each thread that are worth having, so that no thread waits long for the last.</summary>
    private const int TasksPerThread = 8;

    private readonly int _rowPanels;
    private readonly int _rowBlocks;
    private readonly int _columnChunks;
    private readonly int _columnBlocks;

    /// <summary>Cuts a product.</summary>
    /// <param name="rowPanels">Panels of rows.</param>
    /// <param name="columnChunks">Chunks of columns, which are not cut.</param>
    /// <param name="panelsPerBlock">Most panels of rows in a task, at least 1.</param>
    /// <param name="threads">Threads that share the tasks.</param>
    /// <param name="wholeRows">Whether a task must have all columns of its rows.</param>
    public TaskGrid(int rowPanels, int columnChunks, int panelsPerBlock, int threads, bool wholeRows = false)
    {
        (_rowPanels, _columnChunks) = (rowPanels, columnChunks);
        // Blocks of nearly equal size, as many as fill the threads evenly.
        _rowBlocks = (rowPanels + panelsPerBlock - 1) / panelsPerBlock;
        if (_rowBlocks >= threads || wholeRows) _rowBlocks = Math.Min(rowPanels, (_rowBlocks + threads - 1) / threads * threads);
        var wanted = threads == 1 ? 1 : threads * TasksPerThread;
        _columnBlocks = wholeRows || _rowBlocks >= wanted ? 1 : Math.Min(columnChunks, (wanted + _rowBlocks - 1) / _rowBlocks);
    }

    public int Tasks => _rowBlocks * _columnBlocks;

    /// <summary>Most panels of rows that a task has.</summary>
    public int MostRowPanels => _rowBlocks == 0 ? 0 : (_rowPanels + _rowBlocks - 1) / _rowBlocks;

    /// <summary>The panels of rows and the chunks of columns of a task.</summary>
    public (Range RowPanels, Range Chunks) Locate(int task)
    {
        var (rowBlock, columnBlock) = Math.DivRem(task, _columnBlocks);
        return (Part(_rowPanels, _rowBlocks, rowBlock), Part(_columnChunks, _columnBlocks, columnBlock));
    }

    private static Range Part(int items, int parts, int part) => (int)((long)items * part / parts)..(int)((long)items * (part + 1) / parts);
}
