using System.Globalization;
using System.Xml.Linq;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Timeline;

/// <summary>The lanes of a timeline as a still picture: the paper's Figure 8 for a document. <see cref="TimelinePage"/> shows more.</summary>
public static class TimelineSvg
{
    private const int Width = 1100, Left = 70, Right = 10, Top = 24, Lane = 44, Between = 10, Height = Top + 2 * Lane + Between + 44;
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    /// <summary>Writes the picture to a file; it appears when it is complete.</summary>
    /// <param name="path">Where; usually <c>.svg</c>. A file that is there is replaced.</param>
    /// <param name="timeline">The timeline.</param>
    /// <param name="model">The model to show, for example <c>transformer</c>.</param>
    /// <param name="passes">How many of its passes, from the first on; 1 or more.</param>
    /// <exception cref="OutputException">It cannot be written.</exception>
    public static void Save(string path, BlockTimeline timeline, string model, int passes = 2)
    {
        var picture = Picture(timeline, model, passes);
        AtomicFile.Write(path, stream => picture.Save(stream));
    }

    /// <summary>The picture, in colours that can be read on white and on black.</summary>
    internal static XDocument Picture(BlockTimeline timeline, string model, int passes)
    {
        ArgumentNullException.ThrowIfNull(timeline);
        ArgumentOutOfRangeException.ThrowIfLessThan(passes, 1);
        var shown = timeline.Intervals.Where(interval => interval.Model == model && interval.Pass < passes).OrderBy(interval => interval.Start).ToList();
        var totals = TimelineTotals.Of(shown);
        var start = shown.Count > 0 ? shown[0].Start : TimeSpan.Zero;
        var scale = (Width - Left - Right) / Math.Max(totals.Span.TotalMilliseconds, 1e-3);

        var picture = new XElement(Svg + "svg",
            new XAttribute("viewBox", $"0 0 {Width} {Height}"), new XAttribute("font-family", "system-ui, sans-serif"), new XAttribute("font-size", 13), new XAttribute("fill", "#6b7686"),
            Element("title", $"Blocks of {model}: loaded above, computed below"),
            Hatching(),
            Words(Left - 8, Top + Lane / 2, "load", "end"), Words(Left - 8, Top + Lane + Between + Lane / 2, "compute", "end"),
            // What no box covers is idle.
            Box(Left, Top + Lane + Between, Width - Left - Right, "url(#idle)", null));
        foreach (var pass in shown.Where(interval => interval.Activity == BlockActivity.Compute).GroupBy(interval => interval.Pass))
            picture.Add(Words(X(pass.First().Start), Top - 10, $"pass {pass.Key + 1}", "start"));
        foreach (var interval in shown)
        {
            var (x, width) = (X(interval.Start), Math.Max(0.4, (interval.End - interval.Start).TotalMilliseconds * scale));
            var loads = interval.Activity == BlockActivity.Load;
            var words = string.Create(CultureInfo.InvariantCulture, $"{(loads ? "load" : "compute")} {interval.Block}, pass {interval.Pass + 1}, {(interval.End - interval.Start).TotalMilliseconds:0.0} ms");
            var top = loads ? Top : Top + Lane + Between;
            if (!loads) picture.Add(Box(x, top, width, "#ffffff", null));
            picture.Add(Box(x, top, width, loads ? "#7fb7a4" : interval.Resident ? "url(#resident)" : "#1f8f6b", words));
        }
        picture.Add(Words(Left, Height - 22, Sentence(totals), "start"));
        return new XDocument(picture);

        double X(TimeSpan time) => Left + (time - start).TotalMilliseconds * scale;
    }

    private static string Sentence(TimelineTotals totals) => string.Create(CultureInfo.InvariantCulture,
        $"{totals.Span.TotalSeconds:0.00} s: computing {totals.ShareOf(totals.Computing):P0}, loading {totals.ShareOf(totals.Loading):P0}, of it overlapped {totals.ShareOf(totals.Overlapped):P0}, idle {totals.ShareOf(totals.Idle):P0} (red). Hatched green: resident blocks.");

    private static XElement Hatching() => new(Svg + "defs", Pattern("idle", "#f4dede", "#d33a3a"), Pattern("resident", "#bfe0d4", "#1f8f6b"));

    private static XElement Pattern(string id, string ground, string lines) => new(Svg + "pattern",
        new XAttribute("id", id), new XAttribute("width", 6), new XAttribute("height", 6), new XAttribute("patternUnits", "userSpaceOnUse"), new XAttribute("patternTransform", "rotate(45)"),
        new XElement(Svg + "rect", new XAttribute("width", 6), new XAttribute("height", 6), new XAttribute("fill", ground)),
        new XElement(Svg + "rect", new XAttribute("width", 2), new XAttribute("height", 6), new XAttribute("fill", lines)));

    private static XElement Box(double x, int y, double width, string fill, string? words) => new(Svg + "rect",
        new XAttribute("x", Number(x)), new XAttribute("y", y), new XAttribute("width", Number(width)), new XAttribute("height", Lane), new XAttribute("fill", fill),
        words is null ? null : new XAttribute("stroke", "#ffffff"), words is null ? null : new XAttribute("stroke-width", 0.6), words is null ? null : Element("title", words));

    private static XElement Words(double x, int y, string words, string anchor) => new(Svg + "text",
        new XAttribute("x", Number(x)), new XAttribute("y", y), new XAttribute("text-anchor", anchor), new XAttribute("dominant-baseline", "middle"), Legal(words));

    private static XElement Element(string name, string words) => new(Svg + name, Legal(words));

    /// <summary>XML cannot hold every character a name can.</summary>
    private static string Legal(string words) => string.Concat(words.EnumerateRunes().Select(rune => rune.Value < ' ' ? " " : rune.ToString()));

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
