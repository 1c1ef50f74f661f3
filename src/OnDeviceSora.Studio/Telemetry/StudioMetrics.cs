using System.Diagnostics.Metrics;

namespace OnDeviceSora.Studio.Telemetry;

/// <summary>What the server counts, as instruments of the meter <c>OnDeviceSora.Studio</c>.</summary>
internal sealed class StudioMetrics : IDisposable
{
    public const string MeterName = "OnDeviceSora.Studio";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _created;
    private readonly Counter<long> _finished;
    private readonly Counter<double> _seconds;

    public StudioMetrics()
    {
        _created = _meter.CreateCounter<long>("sora.videos.created", description: "Videos that were asked for.");
        _finished = _meter.CreateCounter<long>("sora.videos.finished", description: "Videos that ended, by status.");
        _seconds = _meter.CreateCounter<double>("sora.generation.time", "s", "Time spent on completed videos.");
        _meter.CreateObservableGauge("sora.process.resident_memory", () => Environment.WorkingSet, "By", "Resident memory of the server.");
    }

    public void Created() => _created.Add(1);

    public void Finished(string status, double? seconds)
    {
        _finished.Add(1, new KeyValuePair<string, object?>("status", status));
        if (seconds is { } time) _seconds.Add(time);
    }

    /// <summary>Watches numbers that others know.</summary>
    public void Observe(string name, string description, Func<long> value) => _meter.CreateObservableGauge(name, value, description: description);

    public void Dispose() => _meter.Dispose();
}
