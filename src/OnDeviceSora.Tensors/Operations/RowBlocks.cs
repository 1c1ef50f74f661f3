namespace OnDeviceSora.Tensors;

/// <summary>Cuts the rows of an element-wise operation into tasks of about equal size.</summary>
internal static class RowBlocks
{
    /// <summary>Elements that are worth a task of their own.</summary>
    private const long ElementsPerTask = 1 << 15;

    /// <summary>Runs <paramref name="body"/> on runs of rows: (first row, one past the last).</summary>
    public static void For(ComputeEngine engine, long rows, long rowLength, Action<long, long> body) =>
        For(engine, rows, rowLength, (first, end, _) => body(first, end));

    /// <summary>The same with the index of the thread, by which scratch memory can be told apart.</summary>
    public static void For(ComputeEngine engine, long rows, long rowLength, Action<long, long, int> body)
    {
        if (rows == 0) return;
        var rowsPerTask = Math.Max(1, ElementsPerTask / Math.Max(1, rowLength));
        var tasks = checked((int)((rows + rowsPerTask - 1) / rowsPerTask));
        engine.Team.For(tasks, (task, thread) => body(task * rowsPerTask, Math.Min(rows, (task + 1) * rowsPerTask), thread));
    }
}
