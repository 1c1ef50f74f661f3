using System.Text.Json;
using OnDeviceSora.Benchmarks;

namespace OnDeviceSora.Cli;

/// <summary>A machine's figures as JSON. Times are seconds.</summary>
internal static class BenchJson
{
    public static void Write(Utf8JsonWriter json, IEnumerable<MachineFigure> figures, IEnumerable<VideoForecast> forecasts)
    {
        json.WriteStartArray("figures");
        foreach (var figure in figures)
        {
            json.WriteStartObject();
            json.WriteString("work", figure.Work);
            if (figure.Precision is { } precision) json.WriteString("precision", BenchText.NameOf(precision));
            else json.WriteNull("precision");
            json.WriteNumber("value", figure.Value);
            json.WriteString("unit", figure.Unit);
            if (figure.OfLimit is { } part) json.WriteNumber("ofLimit", part);
            if (figure.Time is { } time) json.WriteNumber("seconds", time.TotalSeconds);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("forecasts");
        foreach (var forecast in forecasts)
        {
            json.WriteStartObject();
            json.WriteString("model", forecast.Model);
            json.WriteString("video", forecast.Video.ToString());
            json.WriteNumber("steps", forecast.Steps);
            json.WriteString("precision", BenchText.NameOf(forecast.Precision));
            json.WriteNumber("seconds", forecast.Time.TotalSeconds);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
