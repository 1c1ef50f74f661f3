namespace OnDeviceSora.Tensors.Cpu;

/// <summary>
/// How attention is cut into tasks: by sequence, by head when sequences are few, and by run of queries when heads are few
/// too or queries many.
/// </summary>
internal readonly struct AttentionGrid
{
    /// <summary>Queries worth packing keys and values for once more.</summary>
    private const int FewestQueries = 256;

    /// <summary>More would leave threads waiting for the last one.</summary>
    private const int MostQueries = 2048;

    private const int TasksPerThread = 4;

    private readonly int _queryRuns;
    private readonly int _headGroups;

    public AttentionGrid(AttentionArguments arguments, int threads)
    {
        var (queries, tasks) = (arguments.Query.Tokens, TasksPerThread * (long)threads);
        _headGroups = arguments.Query.Count < tasks ? arguments.Heads : Math.Min(1, arguments.Heads);
        HeadsPerTask = _headGroups == 0 ? 0 : arguments.Heads / _headGroups;
        var units = (long)arguments.Query.Count * _headGroups;
        var runs = units == 0 ? 1 : (tasks + units - 1) / units;
        QueriesPerTask = (int)Math.Clamp((queries + runs - 1) / runs, FewestQueries, MostQueries);
        _queryRuns = (queries + QueriesPerTask - 1) / QueriesPerTask;
        Tasks = checked((int)(units * _queryRuns));
    }

    public int Tasks { get; }

    public int HeadsPerTask { get; }

    /// <summary>Queries for which keys and values are packed once.</summary>
    public int QueriesPerTask { get; }

    public (int Sequence, int FirstQuery, int FirstHead) Locate(int task)
    {
        var (rest, group) = Math.DivRem(task, _headGroups);
        var (sequence, run) = Math.DivRem(rest, _queryRuns);
        return (sequence, run * QueriesPerTask, group * HeadsPerTask);
    }
}
