using OnDeviceSora.Media;
using OnDeviceSora.Timeline;

namespace OnDeviceSora.Cli;

/// <summary>Records the blocks of a run and writes the record where <c>--timeline</c> says.</summary>
/// <param name="path">An <c>.html</c>, for the page and the trace beside it, or a <c>.json</c>, for the trace only.</param>
internal sealed class TimelineOutput(string path)
{
    private const string Page = ".html", Trace = ".json";

    /// <summary>The record.</summary>
    public BlockTimeline Blocks { get; } = new();

    private bool IsPage => Path.GetExtension(path).Equals(Page, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a path ends as it must.</summary>
    public static bool Accepts(string path) => Path.GetExtension(path).ToLowerInvariant() is Page or Trace;

    /// <summary>Writes what was recorded. The video is there by now, so a failure is only noted.</summary>
    public void Save(string title, IGenerationDisplay display)
    {
        try
        {
            string trace = TracePath();
            ChromeTrace.Save(trace, Blocks);
            if (!IsPage)
            {
                display.Note($"wrote the timeline: {trace} (ui.perfetto.dev opens it)");
                return;
            }

            TimelinePage.Save(path, Blocks, title);
            display.Note($"wrote the timeline: {path}, and for ui.perfetto.dev {trace}");
        }
        catch (OutputException error)
        {
            display.Note($"the timeline could not be written: {error.Message}");
        }
    }

    /// <summary>The trace shares its ending with the settings of videos, and must not replace them.</summary>
    private string TracePath()
    {
        string trace = Path.ChangeExtension(path, Trace);
        try
        {
            if (!File.Exists(trace))
                return trace;
            VideoSettingsReader.Read(trace);
            return Path.ChangeExtension(path, ".trace" + Trace);
        }
        catch (InvalidFileException)
        {
            return trace;
        }
    }
}
