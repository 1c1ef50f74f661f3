namespace OnDeviceSora.Tensors.Cpu;

/// <summary>How attention is cut into tasks: by sequence, by run of queries, and by head when there are few of those.</summary>
internal readonly struct AttentionGrid
{
    /// <summary>Queries for which keys and values are packed once.</summary>
    public const int QueriesPerTask = 512;

    private readonly int _queryRuns;
    private readonly int _headGroups;

    public AttentionGrid(AttentionArguments arguments, int threads)
    {
        _queryRuns = (arguments.Query.Tokens + QueriesPerTask - 1) / QueriesPerTask;
        var tasks = (long)arguments.Query.Count * _queryRuns;
        _headGroups = tasks < 8L * threads ? arguments.Heads : 1;
        HeadsPerTask = _headGroups == 0 ? 0 : arguments.Heads / _headGroups;
        Tasks = checked((int)(tasks * _headGroups));
    }

    public int Tasks { get; }

    public int HeadsPerTask { get; }

    public (int Sequence, int FirstQuery, int FirstHead) Locate(int task)
    {
        var (rest, group) = Math.DivRem(task, _headGroups);
        var (sequence, run) = Math.DivRem(rest, _queryRuns);
        return (sequence, run * QueriesPerTask, group * HeadsPerTask);
    }
}
