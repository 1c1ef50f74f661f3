using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using OnDeviceSora.Timeline;

namespace OnDeviceSora.Bench.Streaming;

/// <summary>Prints one line a mode.</summary>
/// <param name="json">As one JSON object a line.</param>
/// <param name="timelines">Folder for each mode's timeline page, or <c>null</c>.</param>
internal sealed class StreamingReport(bool json, string? timelines)
{
    private static readonly JsonSerializerOptions Naming = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        // A plus sign stays one.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private StreamingResult? _sequential;

    /// <summary>Prints a mode's result.</summary>
    public void Print(string work, string mode, StreamingResult result)
    {
        if (mode == "sequential") _sequential = result;
        double? saved = mode.StartsWith("concurrent", StringComparison.Ordinal) ? 1 - result.Seconds / _sequential!.Seconds : null;
        // What perfect overlap leaves.
        double? bound = saved is null ? null : Math.Max(result.LoadSeconds, result.ComputeSeconds);
        var line = new Line(
            work, mode, Round(result.Seconds), Round(result.PeakBytes / 1e6), result.Blocks, result.Staying, result.Loads, result.ExpectedLoads,
            Round(result.LoadSeconds), Round(result.ComputeSeconds), Round(saved), Round(bound));
        Console.WriteLine(json ? JsonSerializer.Serialize(line, Naming) : line.ToText());
        if (timelines is not null) WriteTimeline(work, mode, result);
    }

    /// <summary>Prints what the streamer costs when it has nothing to load.</summary>
    public void Print(LoaderOverhead overhead) =>
        Console.WriteLine(json
            ? JsonSerializer.Serialize(overhead, Naming)
            : string.Create(CultureInfo.InvariantCulture, $"{overhead.Work,-6} {overhead.Mode,-20} {overhead.Seconds,8:F3} s against {overhead.PlainSeconds:F3} s in a plain loop: {overhead.Overhead:P2}"));

    private static double Round(double value) => Math.Round(value, 4);

    private static double? Round(double? value) => value is { } number ? Round(number) : null;

    private void WriteTimeline(string work, string mode, StreamingResult result)
    {
        Directory.CreateDirectory(timelines!);
        var name = Path.Combine(timelines!, $"{work}-{mode.Replace('+', '-')}");
        TimelinePage.Save(name + ".html", result.Timeline, $"{work}, {mode}");
        TimelineSvg.Save(name + ".svg", result.Timeline, result.Timeline.Intervals[0].Model);
    }

    private sealed record Line(
        string Work, string Mode, double Seconds, double PeakMb, int Blocks, int Staying, int Loads, int ExpectedLoads,
        double LoadSeconds, double ComputeSeconds, double? SavedAgainstSequential, double? SlowerLaneSeconds)
    {
        public string ToText()
        {
            var text = string.Create(CultureInfo.InvariantCulture,
                $"{Work,-6} {Mode,-20} {Seconds,8:F3} s   {PeakMb,7:F0} MB   {Staying,3} of {Blocks} blocks stay   {Loads,4} loads ({ExpectedLoads} expected), {LoadSeconds,7:F3} s   computing {ComputeSeconds,7:F3} s");
            return SavedAgainstSequential is null ? text : text + string.Create(CultureInfo.InvariantCulture, $"   saves {SavedAgainstSequential:P1}; slower lane {SlowerLaneSeconds:F3} s");
        }
    }
}
