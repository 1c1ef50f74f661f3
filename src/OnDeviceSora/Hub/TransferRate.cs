namespace OnDeviceSora.Hub;

/// <summary>Bytes per second over the last few seconds. Not thread-safe.</summary>
internal sealed class TransferRate
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private readonly Queue<(TimeSpan At, long Arrived)> _samples = new([(TimeSpan.Zero, 0)]);

    /// <summary>Takes a sample.</summary>
    /// <param name="now">Time since the start.</param>
    /// <param name="arrived">Bytes that arrived since the start.</param>
    /// <returns>Bytes per second; 0 before any time has passed.</returns>
    public double At(TimeSpan now, long arrived)
    {
        _samples.Enqueue((now, arrived));
        while (_samples.Count > 2 && now - _samples.Peek().At > Window) _samples.Dequeue();
        var (at, before) = _samples.Peek();
        return now > at ? Math.Max(0, (arrived - before) / (now - at).TotalSeconds) : 0;
    }
}
