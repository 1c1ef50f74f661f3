using System.Globalization;
using OnDeviceSora.Benchmarks;
using Spectre.Console;

namespace OnDeviceSora.Cli;

/// <summary>A machine's figures as tables for a person, or as lines with tabs for a script; each figure as soon as it is known.</summary>
internal static class BenchText
{
    private static readonly string[] FigureHeadings = ["work", "precision", "speed", "of the limit", "time"];
    private static readonly string[] ForecastHeadings = ["model", "video", "steps", "precision", "predicted time"];

    public static void WriteTables(IAnsiConsole console, IEnumerable<MachineFigure> figures, Func<IReadOnlyList<VideoForecast>> forecasts)
    {
        var table = NewTable(FigureHeadings);
        console.Live(table).Start(live =>
        {
            live.Refresh();
            foreach (var figure in figures)
            {
                table.AddRow([.. Cells(figure).Select(Markup.Escape)]);
                live.Refresh();
            }
        });
        var predicted = NewTable(ForecastHeadings);
        foreach (var forecast in forecasts())
            predicted.AddRow([.. Cells(forecast).Select(Markup.Escape)]);
        console.Write(predicted);
    }

    public static void WriteLines(TextWriter output, IEnumerable<MachineFigure> figures, Func<IReadOnlyList<VideoForecast>> forecasts)
    {
        foreach (var figure in figures)
        {
            output.WriteLine(string.Join('\t', Cells(figure)));
            output.Flush();
        }
        foreach (var forecast in forecasts())
            output.WriteLine(string.Join('\t', Cells(forecast)));
    }

    public static string NameOf(ProductPrecision precision) => precision.ToString().ToLowerInvariant();

    private static Table NewTable(string[] headings)
    {
        var table = new Table().Border(TableBorder.Rounded);
        foreach (string heading in headings)
            table.AddColumn(heading);
        return table;
    }

    private static string[] Cells(MachineFigure figure) =>
    [
        figure.Work,
        figure.Precision is { } precision ? NameOf(precision) : "",
        string.Create(CultureInfo.InvariantCulture, $"{figure.Value:0.0} {figure.Unit}"),
        figure.OfLimit is { } part ? string.Create(CultureInfo.InvariantCulture, $"{100 * part:0} %") : "",
        figure.Time is { } time ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.000} s") : "",
    ];

    private static string[] Cells(VideoForecast forecast) =>
        [forecast.Model, forecast.Video.ToString(), forecast.Steps.ToString(CultureInfo.InvariantCulture), NameOf(forecast.Precision), ProgressText.Duration(forecast.Time)];
}
