using System.Text.Json;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Timeline;

/// <summary>
/// A timeline as Chrome trace events, which Perfetto (ui.perfetto.dev) and <c>chrome://tracing</c> open: a thread for loads, a
/// thread for computations, counters for memory and budget. Times are microseconds from the timeline's start.
/// </summary>
public static class ChromeTrace
{
    internal const int LoadThread = 1, ComputeThread = 2;
    private const int Process = 1;

    /// <summary>Writes the trace to a file; it appears when it is complete.</summary>
    /// <param name="path">Where; usually <c>.json</c>. A file that is there is replaced.</param>
    /// <param name="timeline">The timeline.</param>
    /// <exception cref="OutputException">It cannot be written.</exception>
    public static void Save(string path, BlockTimeline timeline)
    {
        ArgumentNullException.ThrowIfNull(timeline);
        AtomicFile.Write(path, stream => Write(stream, timeline));
    }

    /// <summary>Writes the trace as UTF-8 JSON, all of it ASCII and safe inside HTML.</summary>
    /// <param name="stream">Where.</param>
    /// <param name="timeline">The timeline.</param>
    public static void Write(Stream stream, BlockTimeline timeline)
    {
        ArgumentNullException.ThrowIfNull(timeline);
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteString("displayTimeUnit", "ms");
        json.WriteStartArray("traceEvents");
        Name(json, "process_name", LoadThread, "sora");
        Name(json, "thread_name", LoadThread, "load");
        Name(json, "thread_name", ComputeThread, "compute");
        foreach (var interval in timeline.Intervals) Interval(json, interval);
        foreach (var sample in timeline.Samples)
        {
            Counter(json, "resident memory", sample.At, sample.ResidentBytes);
            if (sample.BudgetBytes > 0) Counter(json, "memory budget", sample.At, sample.BudgetBytes);
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Interval(Utf8JsonWriter json, BlockInterval interval)
    {
        var loads = interval.Activity == BlockActivity.Load;
        Begin(json, "X", interval.Block, loads ? LoadThread : ComputeThread);
        json.WriteString("cat", loads ? "load" : "compute");
        json.WriteNumber("ts", Microseconds(interval.Start));
        json.WriteNumber("dur", Microseconds(interval.End - interval.Start));
        json.WriteStartObject("args");
        json.WriteString("model", interval.Model);
        json.WriteNumber("pass", interval.Pass);
        json.WriteNumber("bytes", interval.Bytes);
        json.WriteBoolean("resident", interval.Resident);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Name(Utf8JsonWriter json, string what, int thread, string name)
    {
        Begin(json, "M", what, thread);
        json.WriteStartObject("args");
        json.WriteString("name", name);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // A counter each, because the values of one counter are drawn on top of each other.
    private static void Counter(Utf8JsonWriter json, string name, TimeSpan at, long bytes)
    {
        Begin(json, "C", name, LoadThread);
        json.WriteNumber("ts", Microseconds(at));
        json.WriteStartObject("args");
        json.WriteNumber("bytes", bytes);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Begin(Utf8JsonWriter json, string phase, string name, int thread)
    {
        json.WriteStartObject();
        json.WriteString("ph", phase);
        json.WriteString("name", name);
        json.WriteNumber("pid", Process);
        json.WriteNumber("tid", thread);
    }

    private static decimal Microseconds(TimeSpan time) => time.Ticks / (decimal)TimeSpan.TicksPerMicrosecond;
}
