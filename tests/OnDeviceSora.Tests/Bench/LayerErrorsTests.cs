using System.Text.Json;
using OnDeviceSora.Bench.Layers;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Tensors;
using OnDeviceSora.Tests.Checkpoints.Packages;
using OnDeviceSora.Tests.Pipeline;

namespace OnDeviceSora.Tests.Bench;

/// <summary>The report of errors by layer, on the embedded model and packages of it.</summary>
public sealed class LayerErrorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_has_no_error_against_itself() => Assert.All(Measure(EmbeddedModel.Folder).Parts, part =>
    {
        Assert.Equal(0, part.Isolated.Value);
        Assert.Equal(0, part.Accumulated.Value);
    });

    [Fact]
    public void Integers_show_where_they_are_and_add_up()
    {
        var errors = Measure(Convert(WeightPrecision.Int8));
        var rounded = Measure(Convert(WeightPrecision.Bf16));
        foreach (var block in (string[])["spatial_blocks", "temporal_blocks"])
        {
            for (var i = 0; i < 4; i++)
            {
                double Of(LayerErrors from, string layer) => from.Of($"{block}.{i}", layer).Isolated.Value;
                string[] layers = ["attn.qkv", "attn.proj", "cross_attn.q_linear", "cross_attn.proj", "mlp.fc1", "mlp.fc2"];
                Assert.All(layers, layer => Assert.InRange(Of(errors, layer), 1.5 * Of(rounded, layer), 0.05));
                // What stays bfloat16 in one package is the same in the other.
                Assert.Equal(Of(rounded, "cross_attn.kv_linear"), Of(errors, "cross_attn.kv_linear"));
                Assert.InRange(Of(errors, LayerErrors.All), layers.Max(layer => Of(errors, layer)), layers.Sum(layer => Of(errors, layer)) + Of(errors, "cross_attn.kv_linear"));
                Assert.True(errors.Of($"{block}.{i}").Accumulated.Value > 0);
            }
        }
        Assert.InRange(errors.Of("ends").Accumulated.Value, 1e-3, 0.1);
    }

    [Fact]
    public void The_report_is_sorted_worst_first()
    {
        var errors = Measure(Convert(WeightPrecision.Bf16));
        using var lines = new StringWriter();
        new LayerReport(lines, json: true).Print(errors, most: 3);
        var isolated = lines.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("isolated").GetDouble()).ToList();
        // Seven layers and the whole of 8 blocks, three embedders, and the velocity.
        Assert.Equal(8 * 8 + 3 + 1, isolated.Count);
        Assert.Equal(isolated.OrderDescending(), isolated);
        using var text = new StringWriter();
        new LayerReport(text, json: false).Print(errors, most: 3);
        Assert.Contains("The 3 worst single layers", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("velocity, accumulated", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Models_of_different_sizes_are_refused()
    {
        TinyPackage.Write(_folder["other"]);
        Assert.Throws<ArgumentException>(() => Measure(_folder["other"]));
    }

    private string Convert(WeightPrecision precision)
    {
        DevicePackage.Convert(EmbeddedModel.Folder, _folder[precision.Name()], new PackagePrecision(WeightPrecision.Fp32, precision));
        return _folder[precision.Name()];
    }

    private static LayerErrors Measure(string folder)
    {
        using var engine = new ComputeEngine();
        using var reference = ModelFolder.Open(EmbeddedModel.Folder);
        using var package = ModelFolder.Open(folder);
        return LayersCommand.Measure(engine, reference, package, EmbeddedModel.Small with { Steps = 2 }, CancellationToken.None);
    }
}
