using OnDeviceSora.Hub;

namespace OnDeviceSora.Cli;

/// <summary>Lets through the reports that are worth a line: one an interval, and the end of each file. Any thread may report.</summary>
/// <param name="interval">The shortest time between two lines that end no file.</param>
internal sealed class PullLineGate(TimeSpan interval)
{
    private readonly Lock _lock = new();
    private (string Repository, string File) _ended;
    private TimeSpan _lastLine;

    /// <summary>Writes a report if it is worth it; one at a time.</summary>
    public void Pass(PullProgress value, Action write)
    {
        lock (_lock)
        {
            bool ends = value.Activity == PullActivity.Fetching && value.FileCompleted >= value.FileTotal && _ended != (value.Repository, value.File);
            if (!ends && value.Elapsed - _lastLine < interval)
                return;
            _lastLine = value.Elapsed;
            if (ends)
                _ended = (value.Repository, value.File);
            write();
        }
    }
}
