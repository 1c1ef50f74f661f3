using System.Globalization;
using System.Text.Json;

namespace OnDeviceSora.Bench.Layers;

/// <summary>Prints errors, worst first.</summary>
/// <param name="output">Where to.</param>
/// <param name="json">As one JSON object a line.</param>
internal sealed class LayerReport(TextWriter output, bool json)
{
    private static readonly JsonSerializerOptions Naming = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Prints the errors of all parts.</summary>
    /// <param name="errors">The errors.</param>
    /// <param name="most">Most single layers in the text; JSON has all.</param>
    public void Print(LayerErrors errors, int most)
    {
        if (json)
        {
            foreach (var error in errors.Parts.OrderByDescending(error => error.Isolated.Value))
                output.WriteLine(JsonSerializer.Serialize(new Line(error.Place, error.Layer, error.Isolated.Value, error.Layer == LayerErrors.All ? error.Accumulated.Value : null), Naming));
            return;
        }
        var layers = errors.Parts.Where(error => error.Layer != LayerErrors.All).ToList();
        output.WriteLine("Relative L2 error of a block's output, given the reference's input, with this layer alone exchanged; root mean square over the blocks");
        foreach (var kind in layers.GroupBy(error => $"{error.Kind} {error.Layer}").OrderByDescending(MeanOf)) output.WriteLine(Row(kind.Key, MeanOf(kind)));
        output.WriteLine($"The {Math.Min(most, layers.Count)} worst single layers");
        foreach (var error in layers.OrderByDescending(error => error.Isolated.Value).Take(most)) output.WriteLine(Row($"{error.Place} {error.Layer}", error.Isolated.Value));
        output.WriteLine("Blocks: with all their layers exchanged, and what has accumulated behind them");
        foreach (var error in errors.Parts.Where(error => error.Layer == LayerErrors.All).OrderByDescending(error => error.Isolated.Value))
            output.WriteLine(error.Isolated.Value > 0 ? $"{Row(error.Place, error.Isolated.Value)} {Number(error.Accumulated.Value)}" : Row("velocity, accumulated", error.Accumulated.Value));
    }

    private static double MeanOf(IEnumerable<LayerError> errors) => Math.Sqrt(errors.Average(error => error.Isolated.Value * error.Isolated.Value));

    private static string Row(string name, double error) => $"{name,-48} {Number(error)}";

    private static string Number(double error) => error.ToString("0.00e+00", CultureInfo.InvariantCulture).PadLeft(10);

    private sealed record Line(string Place, string Layer, double Isolated, double? Accumulated);
}
