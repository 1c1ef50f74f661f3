using System.Globalization;
using System.Net;
using System.Text;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Timeline;

/// <summary>
/// A timeline as one page that needs nothing else: the load lane and the compute lane of the paper's Figures 8 and 14 with their gaps
/// and resident blocks, the memory under its budget, and the totals. The trace (<see cref="ChromeTrace"/>) stands in the page.
/// </summary>
public static class TimelinePage
{
    private const string Template = "timeline.html";

    /// <summary>Writes the page to a file; it appears when it is complete.</summary>
    /// <param name="path">Where; usually <c>.html</c>. A file that is there is replaced.</param>
    /// <param name="timeline">The timeline.</param>
    /// <param name="title">The page's title, for example the prompt. Any text.</param>
    /// <exception cref="OutputException">It cannot be written.</exception>
    public static void Save(string path, BlockTimeline timeline, string title)
    {
        var page = Encoding.UTF8.GetBytes(Html(timeline, title));
        AtomicFile.Write(path, stream => stream.Write(page));
    }

    /// <summary>The page.</summary>
    /// <param name="timeline">The timeline.</param>
    /// <param name="title">The page's title. Any text.</param>
    public static string Html(BlockTimeline timeline, string title)
    {
        ArgumentNullException.ThrowIfNull(timeline);
        using var trace = new MemoryStream();
        ChromeTrace.Write(trace, timeline);
        // The trace goes in last: a block may be called like a place in the template.
        return ReadTemplate()
            .Replace("{{rows}}", Rows(timeline.Intervals), StringComparison.Ordinal)
            .Replace("{{title}}", WebUtility.HtmlEncode(title).Replace("{{", "&#123;&#123;", StringComparison.Ordinal), StringComparison.Ordinal)
            .Replace("{{trace}}", Encoding.UTF8.GetString(trace.GetBuffer(), 0, (int)trace.Length), StringComparison.Ordinal);
    }

    private static string ReadTemplate()
    {
        using var stream = typeof(TimelinePage).Assembly.GetManifestResourceStream(Template)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static string Rows(IReadOnlyList<BlockInterval> intervals)
    {
        var rows = new StringBuilder();
        var models = intervals.GroupBy(interval => interval.Model).ToList();
        foreach (var model in models) Row(rows, model.Key, TimelineTotals.Of([.. model]));
        if (models.Count != 1) Row(rows, "all", TimelineTotals.Of(intervals));
        return rows.ToString();
    }

    private static void Row(StringBuilder rows, string name, TimelineTotals totals)
    {
        rows.Append("<tr><th scope=\"row\">").Append(WebUtility.HtmlEncode(name).Replace("{{", "&#123;&#123;", StringComparison.Ordinal)).Append("</th>");
        Cell(totals.Span, null);
        foreach (var time in (TimeSpan[])[totals.Computing, totals.Loading, totals.Overlapped, totals.Idle]) Cell(time, totals.ShareOf(time));
        rows.Append(CultureInfo.InvariantCulture, $"<td>{totals.Loads}</td><td>{totals.LoadedBytes / 1e6:N1} MB</td></tr>\n");

        void Cell(TimeSpan time, double? share)
        {
            rows.Append(CultureInfo.InvariantCulture, $"<td>{time.TotalSeconds:N3} s");
            if (share is { } part) rows.Append(CultureInfo.InvariantCulture, $" <small>{part * 100:N1} %</small>");
            rows.Append("</td>");
        }
    }
}
