using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace OnDeviceSora.Studio.Telemetry;

/// <summary>Keeps the meter's numbers and writes them as Prometheus reads them.</summary>
internal sealed class MetricsText : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Series> _series = new(StringComparer.Ordinal);

    public MetricsText()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == StudioMetrics.MeterName) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>All numbers as they are now.</summary>
    public string Write()
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        var described = "";
        lock (_lock)
        {
            foreach (var (key, series) in _series)
            {
                var name = NameOf(series.Instrument);
                if (name != described) text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {series.Instrument.Description}\n# TYPE {name} {(IsCounter(series.Instrument) ? "counter" : "gauge")}\n");
                described = name;
                text.Append(CultureInfo.InvariantCulture, $"{key} {series.Value}\n");
            }
        }

        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = NameOf(instrument) + LabelsOf(tags);
        lock (_lock)
        {
            var before = IsCounter(instrument) && _series.TryGetValue(key, out var series) ? series.Value : 0;
            _series[key] = new Series(instrument, before + value);
        }
    }

    private static bool IsCounter(Instrument instrument) => instrument is Counter<long> or Counter<double>;

    private static string NameOf(Instrument instrument)
    {
        var unit = instrument.Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "",
        };
        return instrument.Name.Replace('.', '_') + unit + (IsCounter(instrument) ? "_total" : "");
    }

    private static string LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty) return "";
        var labels = new List<string>();
        foreach (var tag in tags) labels.Add($"{tag.Key}=\"{tag.Value}\"");
        return "{" + string.Join(",", labels) + "}";
    }

    private sealed record Series(Instrument Instrument, double Value);
}
