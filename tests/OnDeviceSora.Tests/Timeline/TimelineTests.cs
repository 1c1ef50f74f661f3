using System.Text.Json;
using AngleSharp.Html.Parser;
using OnDeviceSora.Timeline;

namespace OnDeviceSora.Tests.Timeline;

/// <summary>The record of blocks: its totals, its trace and its page.</summary>
public sealed class TimelineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Totals_of_hand_made_intervals()
    {
        // load     [0      40)  [50  70) [65 90)
        // compute          [40     60)          [100 120)
        var totals = TimelineTotals.Of([Load(0, 40, 7), Compute(40, 60), Load(50, 70, 5), Load(65, 90, 1), Compute(100, 120)]);
        Assert.Equal((120, 40, 80, 10, 80), (Ms(totals.Span), Ms(totals.Computing), Ms(totals.Loading), Ms(totals.Overlapped), Ms(totals.Idle)));
        Assert.Equal((3, 13), (totals.Loads, totals.LoadedBytes));
        Assert.Equal(1 / 3.0, totals.ShareOf(totals.Computing), 1e-9);
    }

    [Fact]
    public void Totals_of_nothing_are_zero()
    {
        var totals = TimelineTotals.Of([]);
        Assert.Equal((TimeSpan.Zero, TimeSpan.Zero, 0), (totals.Span, totals.Idle, totals.ShareOf(totals.Computing)));
    }

    [Fact]
    public void Totals_agree_with_counting_every_millisecond()
    {
        var random = new Random(3);
        for (var round = 0; round < 50; round++)
        {
            var intervals = Enumerable.Range(0, random.Next(1, 30)).Select(_ =>
            {
                var start = random.Next(200);
                var end = start + random.Next(40);
                return random.Next(2) == 0 ? Load(start, end, 1) : Compute(start, end);
            }).ToList();
            bool[] loads = Lane(BlockActivity.Load), computes = Lane(BlockActivity.Compute);
            var totals = TimelineTotals.Of(intervals);
            Assert.Equal(loads.Count(busy => busy), Ms(totals.Loading));
            Assert.Equal(computes.Count(busy => busy), Ms(totals.Computing));
            Assert.Equal(loads.Zip(computes).Count(both => both is (true, true)), Ms(totals.Overlapped));

            bool[] Lane(BlockActivity activity)
            {
                var busy = new bool[300];
                foreach (var interval in intervals.Where(i => i.Activity == activity)) Array.Fill(busy, true, (int)Ms(interval.Start), (int)Ms(interval.End - interval.Start));
                return busy;
            }
        }
    }

    [Fact]
    public void The_trace_has_two_threads_and_a_counter_in_microseconds()
    {
        var timeline = new BlockTimeline();
        timeline.Add(Load(0, 40, 7_000_000));
        timeline.Add(Compute(40, 41.5) with { Pass = 3, Resident = true });
        timeline.Add(new MemorySample(TimeSpan.FromMilliseconds(41), 100, 200));
        timeline.Add(new MemorySample(TimeSpan.FromMilliseconds(42), 100, 0));
        ChromeTrace.Save(_folder["t.json"], timeline);
        using var document = JsonDocument.Parse(File.ReadAllText(_folder["t.json"]));
        var events = document.RootElement.GetProperty("traceEvents").EnumerateArray().ToLookup(e => e.GetProperty("ph").GetString());

        Assert.Equal(["process_name", "thread_name", "thread_name"], events["M"].Select(e => e.GetProperty("name").GetString()));
        Assert.Equal([(1, "sora"), (1, "load"), (2, "compute")], events["M"].Select(e => (e.GetProperty("tid").GetInt32(), e.GetProperty("args").GetProperty("name").GetString()!)));
        var (load, compute) = (events["X"].First(), events["X"].Last());
        Assert.Equal((1, 0, 40_000), (load.GetProperty("tid").GetInt32(), load.GetProperty("ts").GetDouble(), load.GetProperty("dur").GetDouble()));
        Assert.Equal(7_000_000, load.GetProperty("args").GetProperty("bytes").GetInt64());
        Assert.Equal((2, 40_000, 1_500), (compute.GetProperty("tid").GetInt32(), compute.GetProperty("ts").GetDouble(), compute.GetProperty("dur").GetDouble()));
        Assert.Equal((3, true), (compute.GetProperty("args").GetProperty("pass").GetInt32(), compute.GetProperty("args").GetProperty("resident").GetBoolean()));
        Assert.Equal(
            [("resident memory", 100), ("memory budget", 200), ("resident memory", 100)],
            events["C"].Select(e => (e.GetProperty("name").GetString()!, e.GetProperty("args").GetProperty("bytes").GetInt32())));
    }

    [Fact]
    public void The_page_stands_alone_holds_the_trace_and_says_the_totals()
    {
        var timeline = new BlockTimeline();
        timeline.Add(Load(0, 40, 7_000_000));
        timeline.Add(Compute(30, 70) with { Model = "vae" });
        TimelinePage.Save(_folder["t.html"], timeline, "a red circle");
        var page = new HtmlParser().ParseDocument(File.ReadAllText(_folder["t.html"]));

        Assert.Equal("a red circle", page.QuerySelector("h1")!.TextContent);
        Assert.Empty(page.QuerySelectorAll("[src], [href], link, iframe"));
        var rows = page.QuerySelectorAll("#totals tbody tr").Select(row => row.Children.Select(cell => cell.TextContent).ToArray()).ToList();
        Assert.Equal(["transformer", "vae", "all"], rows.Select(row => row[0]));
        Assert.Equal(["all", "0.070 s", "0.040 s 57.1 %", "0.040 s 57.1 %", "0.010 s 14.3 %", "0.030 s 42.9 %", "1", "7.0 MB"], rows[2]);
        using var trace = new MemoryStream();
        ChromeTrace.Write(trace, timeline);
        Assert.Equal(System.Text.Encoding.UTF8.GetString(trace.ToArray()), page.QuerySelector("#trace")!.TextContent);
    }

    [Theory]
    [InlineData("</script><script>alert(1)</script>")]
    [InlineData("{{trace}} {{rows}} {{title}}")]
    [InlineData("\" & ' <b> \u2028 \ud83c\udf0a \ud800 \0")]
    public void Names_are_text_wherever_they_stand(string name)
    {
        var plain = Parse("x", "x");
        var page = Parse(name, name);
        Assert.Equal(plain.QuerySelectorAll("*").Length, page.QuerySelectorAll("*").Length);
        if (!name.Contains('\0', StringComparison.Ordinal))
        {
            Assert.Equal(name, page.QuerySelector("h1")!.TextContent);
            Assert.Equal(name, page.QuerySelector("#totals tbody th")!.TextContent);
        }
        using var json = JsonDocument.Parse(page.QuerySelector("#trace")!.TextContent);
        Assert.Equal(name.Replace('\ud800', '\ufffd').Length, json.RootElement.GetProperty("traceEvents")[3].GetProperty("name").GetString()!.Length);

        static AngleSharp.Html.Dom.IHtmlDocument Parse(string title, string block)
        {
            var timeline = new BlockTimeline();
            timeline.Add(Load(0, 1, 1) with { Block = block, Model = block });
            return new HtmlParser().ParseDocument(TimelinePage.Html(timeline, title));
        }
    }

    [Fact]
    public void An_empty_timeline_still_makes_a_page()
    {
        var page = new HtmlParser().ParseDocument(TimelinePage.Html(new BlockTimeline(), "nothing"));
        Assert.Equal("all", Assert.Single(page.QuerySelectorAll("#totals tbody th")).TextContent);
    }

    [Fact]
    public void The_still_picture_shows_the_first_passes_of_one_model()
    {
        var timeline = new BlockTimeline();
        for (var pass = 0; pass < 3; pass++)
        {
            timeline.Add(Load(100 * pass, 100 * pass + 40, 5) with { Pass = pass, Block = "a\0<b>" });
            timeline.Add(Compute(100 * pass + 40, 100 * pass + 90) with { Pass = pass, Resident = pass > 0 });
            timeline.Add(Compute(100 * pass + 40, 100 * pass + 90) with { Pass = pass, Model = "vae" });
        }
        TimelineSvg.Save(_folder["t.svg"], timeline, "transformer");
        var picture = System.Xml.Linq.XDocument.Load(_folder["t.svg"]);
        var boxes = picture.Descendants().Where(element => element.Name.LocalName == "rect" && element.HasElements).ToList();
        Assert.Equal(4, boxes.Count);
        // From 0 to 190 ms the lane is 1020 wide.
        Assert.Equal(["70", "284.74", "606.84", "821.58"], boxes.Select(box => box.Attribute("x")!.Value));
        Assert.Equal(["#7fb7a4", "#1f8f6b", "#7fb7a4", "url(#resident)"], boxes.Select(box => box.Attribute("fill")!.Value));
        Assert.Equal("load a <b>, pass 1, 40.0 ms", boxes[0].Value);
        Assert.Contains("0.19 s: computing 53 %, loading 42 %, of it overlapped 0 %, idle 47 %", picture.Root!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_an_output_error() =>
        Assert.Throws<OutputException>(() => TimelinePage.Save(_folder["no/such/t.html"], new BlockTimeline(), "x"));

    private static BlockInterval Load(double start, double end, long bytes) =>
        new(BlockActivity.Load, "transformer", "spatial_blocks.0", 0, TimeSpan.FromMilliseconds(start), TimeSpan.FromMilliseconds(end), bytes, false);

    private static BlockInterval Compute(double start, double end) =>
        new(BlockActivity.Compute, "transformer", "spatial_blocks.0", 0, TimeSpan.FromMilliseconds(start), TimeSpan.FromMilliseconds(end), 0, false);

    private static double Ms(TimeSpan time) => time.TotalMilliseconds;
}
