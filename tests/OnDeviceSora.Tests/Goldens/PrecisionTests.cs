using System.Globalization;
using System.Text.Json;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Tensors;
using Xunit.Abstractions;

namespace OnDeviceSora.Tests.Goldens;

/// <summary>The reference's numbers from weights that were converted to fewer bytes: the relative L2 error of every result.</summary>
public sealed class PrecisionTests(ITestOutputHelper output) : IDisposable
{
    // What a device package may change in any result (relative L2).
    private const double Bound = 2e-2;

    // Behind int8 text the frames of these random models are off by 1.9e-2, with a bf16 autoencoder by 2.1e-2; the latents keep to Bound.
    private const double VideoBound = 2.5e-2;

    // A CPU that multiplies bf16 rounds the inputs of products as well: the frames are off by 2.04e-2 and 2.47e-2 there.
    private static readonly double RoundedInputs = MultipliesBf16() ? 5e-3 : 0;

    // An int8 transformer, whose activations are quantised, too.
    private const double Int8Bound = 5e-2;

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, double> _worst = new(StringComparer.Ordinal);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(WeightPrecision.Fp32, 1e-5)]
    [InlineData(WeightPrecision.Bf16, Bound)]
    [InlineData(WeightPrecision.Fp16, Bound)]
    [InlineData(WeightPrecision.Int8, Bound)]
    public void Text_encoder(WeightPrecision precision, double bound) => Run("t5", new PackagePrecision(TextEncoder: precision), bound);

    [Theory]
    [InlineData(WeightPrecision.Fp32, 1e-5)]
    [InlineData(WeightPrecision.Bf16, Bound)]
    [InlineData(WeightPrecision.Fp16, Bound)]
    [InlineData(WeightPrecision.Int8, Int8Bound)]
    public void Transformer(WeightPrecision precision, double bound) => Run("stdit3", new PackagePrecision(Transformer: precision), bound);

    [Theory]
    [InlineData(WeightPrecision.Fp32, 1e-5)]
    [InlineData(WeightPrecision.Bf16, Bound)]
    [InlineData(WeightPrecision.Fp16, Bound)]
    public void Autoencoder(WeightPrecision precision, double bound) => Run("vae", new PackagePrecision(Vae: precision), bound);

    [Theory]
    [InlineData(WeightPrecision.Int8, WeightPrecision.Bf16, WeightPrecision.Fp32, Bound)]
    [InlineData(WeightPrecision.Int8, WeightPrecision.Bf16, WeightPrecision.Bf16, VideoBound)]
    [InlineData(WeightPrecision.Bf16, WeightPrecision.Bf16, WeightPrecision.Bf16, Bound)]
    public void Text_to_video(WeightPrecision textEncoder, WeightPrecision transformer, WeightPrecision vae, double videoBound) =>
        Run("pipeline", new PackagePrecision(textEncoder, transformer, vae), Bound, videoBound + RoundedInputs);

    private static bool MultipliesBf16()
    {
        using var engine = new ComputeEngine();
        return KernelLimit.Exists(engine, DataType.BF16);
    }

    private void Run(string folder, PackagePrecision precision, double bound, double? videoBound = null)
    {
        var ran = 0;
        foreach (var (file, kind) in GoldenFolder.Discover(Path.Combine(GoldenFolder.OfCheckout, folder)))
        {
            // A leap that the similarities decide may fall on another step: another video, not an error of rounding.
            if (!File.ReadAllText(Path.Combine(GoldenFolder.OfCheckout, folder, file)).Contains("\"weights\"", StringComparison.Ordinal) || file.StartsWith("lpl_dynamic", StringComparison.Ordinal)) continue;
            RunCase(Path.Combine(GoldenFolder.OfCheckout, folder, file), kind, precision);
            ran++;
        }

        foreach (var (result, error) in _worst.OrderBy(w => w.Key, StringComparer.Ordinal))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"MEASURED {folder} {precision.TextEncoder.Name()}/{precision.Transformer.Name()}/{precision.Vae.Name()}: {result} {error:0.00e+00} (worst of {ran} cases)"));
        }

        Assert.NotEmpty(_worst);
        Assert.All(_worst, w =>
        {
            var allowed = w.Key == "out.video" ? videoBound ?? bound : bound;
            Assert.True(w.Value <= allowed, string.Create(CultureInfo.InvariantCulture, $"{w.Key} is off by {w.Value:0.00000}, more than {allowed}"));
        });
    }

    private void RunCase(string path, string kind, PackagePrecision precision)
    {
        JsonElement config;
        using (var plain = GoldenCase.Open(path)) config = plain.Config;
        using var golden = GoldenCase.Open(path, weights => Checkpoint.Open(Converted(weights, config, path, precision)), Record);
        try
        {
            GoldenKinds.Runners[kind](golden);
        }
        catch (GoldenMismatchException e) when (e.Message.StartsWith("out.frames", StringComparison.Ordinal))
        {
            // Pictures of 8 bits are held to the reference's single precision; the floats in front of them were measured.
        }
    }

    private void Record(string name, float[] golden, float[] actual)
    {
        if (!name.StartsWith("out.", StringComparison.Ordinal)) return;
        Assert.Equal(golden.Length, actual.Length);
        var error = Math.Sqrt(golden.Zip(actual).Sum(p => Math.Pow((double)p.First - p.Second, 2)) / golden.Sum(g => (double)g * g));
        // Written so that NaN is kept, and fails.
        if (!_worst.TryGetValue(name, out var worst) || !(error <= worst)) _worst[name] = error;
    }

    /// <summary>The weights as a package's file; the model is known by its folder.</summary>
    private string Converted(string weights, JsonElement config, string configPath, PackagePrecision precision)
    {
        var model = Path.GetFileName(Path.GetDirectoryName(weights))!;
        var converted = _folder[model + ".safetensors"];
        if (File.Exists(converted)) return converted;
        var own = config.TryGetProperty(model, out var section) ? section : config;
        using var source = new CheckpointSource(Checkpoint.Open(weights));
        var (blocks, tensors, stored) = model switch
        {
            "t5" => (ModelBlocks.T5(T5Config.Parse(own, configPath)), TensorNames.T5(T5Config.Parse(own, configPath)), precision.TextEncoder),
            "stdit3" => (ModelBlocks.STDiT3(STDiT3Config.Parse(own, configPath)), TensorNames.STDiT3(STDiT3Config.Parse(own, configPath)), precision.Transformer),
            _ => (ModelBlocks.Vae(VaeConfig.Parse(own, configPath)), TensorNames.Vae(VaeConfig.Parse(own, configPath)), precision.Vae),
        };
        var layout = PackageLayout.Create(blocks, tensors.Where(t => source.Contains(t.Name) && t.Name != "encoder.embed_tokens.weight"), stored);
        using var writer = new PackageFileWriter(layout, new TensorEncoder(weights, source), new PackageMeter(layout.FileBytes, null));
        writer.Write(converted, CancellationToken.None);
        return converted;
    }
}
