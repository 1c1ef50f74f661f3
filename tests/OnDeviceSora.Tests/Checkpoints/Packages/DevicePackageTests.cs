using OnDeviceSora.Checkpoints;
using OnDeviceSora.Tensors;
using OnDeviceSora.Tests.Pipeline;
using OnDeviceSora.Text;
using Xunit.Abstractions;

namespace OnDeviceSora.Tests.Checkpoints.Packages;

public sealed class DevicePackageTests(ITestOutputHelper output) : IDisposable
{
    private static readonly PackagePrecision Exact = new(WeightPrecision.Fp32, WeightPrecision.Fp32, WeightPrecision.Fp32);
    private static readonly string[] Models = ["text_encoder", "transformer", "vae"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void In_single_precision_every_weight_is_the_models()
    {
        DevicePackage.Convert(EmbeddedModel.Folder, _folder["p"], Exact);
        using var original = ModelFolder.Open(EmbeddedModel.Folder);
        using var package = ModelFolder.Open(_folder["p"]);
        Assert.NotNull(package.Manifest);
        Assert.Equal(File.ReadAllBytes(Path.Combine(original.Path, "config.json")), File.ReadAllBytes(_folder.File("p/config.json")));
        Assert.Equal(File.ReadAllBytes(original.TokenizerPath), File.ReadAllBytes(package.TokenizerPath));
        foreach (var (before, after) in (ReadOnlySpan<(Checkpoint, Checkpoint)>)[(original.TextEncoder, package.TextEncoder), (original.Transformer, package.Transformer), (original.Vae, package.Vae)])
        {
            foreach (var name in before.Names) Assert.Equal(TinyPackage.Read(before, name), TinyPackage.Read(after, name));
        }
    }

    [Fact]
    public void A_package_made_of_a_package_is_the_same_package()
    {
        var first = TinyPackage.Write(_folder["one"]);
        var second = DevicePackage.Convert(_folder["one"], _folder["two"], new PackagePrecision());
        Assert.Equal(first.Files.Select(f => (f.Name, f.Sha256)), second.Files.Select(f => (f.Name, f.Sha256)));
        Assert.Equal("tiny", second.Name);
        Assert.All(second.Errors, e => Assert.InRange(e.RelativeL2, 0, 1e-7));
    }

    [Fact]
    public void The_manifest_says_what_the_files_hold()
    {
        var manifest = TinyPackage.Write(_folder["p"]);
        Assert.Equal(PackageManifestJson.Write(manifest), File.ReadAllBytes(_folder.File("p/manifest.json")));
        Assert.Equal(PackageManifestJson.Write(manifest), PackageManifestJson.Write(PackageManifest.Find(_folder["p"])!));
        Assert.Equal(["config.json", "manifest.json", "spiece.model", "text_encoder.safetensors", "transformer.safetensors", "vae.safetensors"],
            Directory.GetFiles(_folder["p"]).Select(f => Path.GetFileName(f)).Order());
        Assert.All(manifest.Files, f => Assert.Equal(new FileInfo(Path.Combine(_folder["p"], f.Name)).Length, f.Size));
        Assert.Equal(["ends", "embedding", "encoder.block.0", "encoder.block.1"], manifest.Files.Single(f => f.Name == "text_encoder.safetensors").Blocks.Select(b => b.Name));
        Assert.All(manifest.Errors, e => Assert.InRange(e.RelativeL2, 1e-4, 1e-2));
        Assert.Contains(manifest.Errors, e => e.Tensor == "spatial_blocks.1.attn.qkv.weight");
        Assert.DoesNotContain(manifest.Errors, e => e.File == "vae.safetensors");
    }

    [Theory]
    [InlineData(WeightPrecision.Fp16), InlineData(WeightPrecision.Bf16), InlineData(WeightPrecision.Fp32)]
    public void Published_files_of_any_precision_and_sharding_are_read_as_they_are(WeightPrecision published)
    {
        TinyPackage.WritePublished(_folder["published"], published);
        var manifest = DevicePackage.Convert(_folder["published"], _folder["p"], Exact);
        Assert.Equal("opensora-v1.2", manifest.Name);
        var (stdit, t5) = (_folder.File("published/OpenSora-STDiT-v3"), _folder.File("published/pixart_sigma_sdxlvae_T5_diffusers/text_encoder"));
        Assert.Equal(2, Directory.GetFiles(t5, "model-0000?-of-00002.safetensors").Length);
        using var package = ModelFolder.Open(_folder["p"]);
        using var shards = Checkpoint.Open(t5, TensorAliases.T5);
        using var transformer = Checkpoint.Open(stdit);
        Assert.Equal(published.ElementType(), transformer.Find("t_block.1.weight").ElementType);
        foreach (var name in shards.Names) Assert.Equal(TinyPackage.Read(shards, name), TinyPackage.Read(package.TextEncoder, name));
        foreach (var name in transformer.Names) Assert.Equal(TinyPackage.Read(transformer, name), TinyPackage.Read(package.Transformer, name));
        Assert.Equal((32, 32, 17, 0.18215f), (package.Config.Vae.Spatial.NormNumGroups, package.Config.Vae.Temporal.NumGroups, package.Config.Vae.MicroFrameSize, package.Config.Vae.ScalingFactor));
        Assert.Equal((240, 424, 51, 24, 30, 7f, 6.5f), (package.Config.Sampling.Height, package.Config.Sampling.Width, package.Config.Sampling.NumFrames,
            package.Config.Sampling.Fps, package.Config.Sampling.NumSamplingSteps, package.Config.Sampling.GuidanceScale, package.Config.Sampling.AestheticScore!.Value));
    }

    [Fact]
    public void Double_precision_is_read_too()
    {
        SmallModel.Write(_folder);
        var writer = new SafetensorsWriter();
        foreach (var tensor in TensorNames.T5(SmallModel.Config.TextEncoder).Where(t => !t.IsOptional))
        {
            var values = Enumerable.Range(0, (int)tensor.Shape.Aggregate(1L, (a, b) => a * b)).SelectMany(i => BitConverter.GetBytes(i / 1024.0)).ToArray();
            writer.Add(tensor.Name, ElementType.F64, tensor.Shape, values);
        }

        writer.Save(_folder["text_encoder.safetensors"]);
        DevicePackage.Convert(_folder.Path, _folder["p"], Exact);
        using var package = ModelFolder.Open(_folder["p"]);
        Assert.Equal(Enumerable.Range(0, 96).Select(i => i / 1024f), TinyPackage.Read(package.TextEncoder, "encoder.final_layer_norm.weight"));
    }

    [Fact]
    public void A_full_T5_loses_its_decoder_and_its_second_name_of_the_embedding()
    {
        SmallModel.Write(_folder);
        SmallModel.Write(_folder["text_encoder.safetensors"], TensorNames.T5(SmallModel.Config.TextEncoder)
            .Append(new ExpectedTensor("decoder.block.0.layer.0.layer_norm.weight", [96]))
            .Append(new ExpectedTensor("lm_head.weight", [109, 96])));
        DevicePackage.Convert(_folder.Path, _folder["p"], new PackagePrecision());
        using var package = Checkpoint.Open(_folder.File("p/text_encoder.safetensors"));
        Assert.True(package.Contains("shared.weight"));
        Assert.DoesNotContain(package.Names, n => n.StartsWith("decoder.", StringComparison.Ordinal) || n is "lm_head.weight" or "encoder.embed_tokens.weight");
    }

    [Fact]
    public void An_embedding_under_its_second_name_only_gets_the_first()
    {
        SmallModel.Write(_folder);
        SmallModel.Write(_folder["text_encoder.safetensors"], TensorNames.T5(SmallModel.Config.TextEncoder).Where(t => t.Name != "shared.weight"));
        DevicePackage.Convert(_folder.Path, _folder["p"], new PackagePrecision());
        using var package = ModelFolder.Open(_folder["p"]);
        Assert.Equal(ElementType.BF16, package.TextEncoder.Find("shared.weight").ElementType);
    }

    [Fact]
    public async Task The_embedded_model_hardly_changes()
    {
        DevicePackage.Convert(EmbeddedModel.Folder, _folder["p"], new PackagePrecision());
        var text = Difference(TextFeatures(EmbeddedModel.Folder), TextFeatures(_folder["p"]));
        var latents = Difference(await Latents(EmbeddedModel.Folder), await Latents(_folder["p"]));
        output.WriteLine($"relative L2: int8 text features {text:0.00000}, latents with a bf16 transformer too {latents:0.00000}");
        Assert.InRange(text, 1e-4, 2e-2);
        Assert.InRange(latents, 1e-5, 2e-2);
    }

    [Theory]
    [InlineData(WeightPrecision.Bf16, 1e-2)]
    [InlineData(WeightPrecision.Int8, 1e-1)]
    public async Task The_embedded_transformer_is_converted_to_any_precision(WeightPrecision precision, double bound)
    {
        DevicePackage.Convert(EmbeddedModel.Folder, _folder["p"], new PackagePrecision(WeightPrecision.Fp32, precision));
        var latents = Difference(await Latents(EmbeddedModel.Folder), await Latents(_folder["p"]));
        output.WriteLine($"relative L2 of the latents with a {precision.Name()} transformer: {latents:0.00000}");
        Assert.InRange(latents, 1e-4, bound);
    }

    [Fact]
    public void Inspection_shows_the_package_and_counts_fillers_and_scales_as_known()
    {
        TinyPackage.Write(_folder["p"]);
        var inspection = ModelInspection.Inspect(_folder["p"]);
        Assert.True(inspection.IsComplete);
        Assert.Equal(WeightPrecision.Int8, inspection.Manifest!.Precision.TextEncoder);
        Assert.All(inspection.Checkpoints, c => Assert.Empty(c.Fit!.Unexpected));
        Assert.Null(ModelInspection.Inspect(EmbeddedModel.Folder).Manifest);
        Assert.True(ModelInspection.Inspect(_folder.File("p/text_encoder.safetensors")).IsComplete);
    }

    [Theory]
    [InlineData("missing"), InlineData("shape"), InlineData("type")]
    public void An_int8_weight_needs_its_scales(string fault)
    {
        SmallModel.Write(_folder);
        var writer = new SafetensorsWriter();
        foreach (var tensor in TensorNames.T5(SmallModel.Config.TextEncoder).Where(t => !t.IsOptional && t.Name != "shared.weight"))
            writer.Add(tensor.Name, ElementType.F16, tensor.Shape, new byte[2 * tensor.Shape.Aggregate(1L, (a, b) => a * b)]);
        writer.Add("shared.weight", ElementType.I8, [109, 96], new byte[109 * 96]);
        if (fault == "shape") writer.Add("shared.weight_scale", ElementType.F32, [108], new byte[4 * 108]);
        if (fault == "type") writer.Add("shared.weight_scale", ElementType.F16, [109], new byte[2 * 109]);
        writer.Save(_folder["text_encoder.safetensors"]);
        var error = Assert.Throws<InvalidModelException>(() => ModelFolder.Open(_folder.Path));
        Assert.Contains(fault == "missing" ? "its scales 'shared.weight_scale' are missing" : "F32 of shape [109] is needed", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0), InlineData(1), InlineData(3)]
    public void A_cancelled_conversion_leaves_nothing(int reports)
    {
        using var cancellation = new CancellationTokenSource();
        // Nothing to report is cancelled before the first weight; otherwise amid the writing, by the thread that writes.
        if (reports == 0) cancellation.Cancel();
        var seen = new List<PackageProgress>();
        var progress = new Immediate(report =>
        {
            seen.Add(report);
            if (seen.Count >= reports) cancellation.Cancel();
            Thread.Sleep(110); // So that the next bytes are reported again.
        });
        Assert.ThrowsAny<OperationCanceledException>(() => DevicePackage.Convert(EmbeddedModel.Folder, _folder["p"], Exact, progress: progress, cancellation: cancellation.Token));
        Assert.Empty(_folder.Names);
        Assert.Equal(reports == 0, seen.Count == 0);
        Assert.All(seen, report => Assert.True(report.CompletedBytes < report.TotalBytes));
    }

    [Fact]
    public void A_weight_that_does_not_fit_leaves_nothing_and_is_named()
    {
        SmallModel.Write(_folder);
        var vae = TensorNames.Vae(SmallModel.Config.Vae).ToList();
        var writer = new SafetensorsWriter();
        foreach (var tensor in vae)
        {
            var values = new float[tensor.Shape.Aggregate(1L, (a, b) => a * b)];
            if (tensor == vae[^2]) values[^1] = 70_000;
            writer.Add(tensor.Name, tensor.Shape, values);
        }

        writer.Save(_folder["vae.safetensors"]);
        var before = _folder.Names.ToList();
        var error = Assert.Throws<InvalidModelException>(() => DevicePackage.Convert(_folder.Path, _folder["p"], new PackagePrecision(Vae: WeightPrecision.Fp16)));
        Assert.Contains($"'{vae[^2].Name}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("bf16", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, _folder.Names);
        DevicePackage.Convert(_folder.Path, _folder["p"], new PackagePrecision(Vae: WeightPrecision.Bf16));
    }

    [Fact]
    public void Only_packages_are_replaced_and_only_when_asked()
    {
        Directory.CreateDirectory(_folder["p"]);
        TinyPackage.Write(_folder["p"]); // An empty folder is in nobody's way.
        var error = Assert.Throws<OutputException>(() => DevicePackage.Convert(EmbeddedModel.Folder, _folder["p"], Exact));
        Assert.Contains("--force", error.Message, StringComparison.Ordinal);
        Assert.Equal("tiny", PackageManifest.Find(_folder["p"])!.Name);
        DevicePackage.Convert(EmbeddedModel.Folder, _folder["p"], Exact, replace: true);
        Assert.Equal("opensora-tiny", PackageManifest.Find(_folder["p"])!.Name);

        Directory.CreateDirectory(_folder["photos"]);
        _folder.Write("photos/one.jpg", "precious");
        Assert.Throws<OutputException>(() => DevicePackage.Convert(EmbeddedModel.Folder, _folder["photos"], Exact, replace: true));
        Assert.Throws<OutputException>(() => DevicePackage.Convert(EmbeddedModel.Folder, _folder.Write("file", "x"), Exact, replace: true));
        Assert.Equal(["file", "p", "photos"], _folder.Names);
        Assert.True(File.Exists(_folder.File("photos/one.jpg")));
    }

    [Fact]
    public void A_package_does_not_take_the_place_of_its_source()
    {
        TinyPackage.Write(_folder["p"]);
        Assert.Contains("from which it is made", Assert.Throws<OutputException>(() => DevicePackage.Convert(_folder["p"], _folder["p"] + "/", Exact, replace: true)).Message, StringComparison.Ordinal);
        Assert.Throws<OutputException>(() => DevicePackage.Convert(_folder["p"], _folder.Path, Exact, replace: true));
        Assert.True(DevicePackage.Verify(_folder["p"]).IsSound);
    }

    [Fact]
    public void Too_little_room_is_said_before_anything_is_written()
    {
        var error = Assert.Throws<OutputException>(() => DiskSpace.Require(_folder.Path, 8_800_000_000, "make room", _ => 1_000_000_000));
        Assert.Contains("8.80 GB are needed and 1.00 GB are free", error.Message, StringComparison.Ordinal);
        DiskSpace.Require(_folder.Path, 1000, "make room", _ => 1000);
        Assert.Throws<OutputException>(() => DiskSpace.Require(_folder.Path, long.MaxValue, "make room"));
    }

    [Fact]
    public void The_autoencoder_is_never_int8() =>
        Assert.Throws<InvalidRequestException>(() => TinyPackage.Write(_folder["p"], new PackagePrecision(Vae: WeightPrecision.Int8)));

    [Fact]
    public void An_int8_transformer_keeps_its_sensitive_layers()
    {
        DevicePackage.Convert(EmbeddedModel.Folder, _folder["p"], new PackagePrecision(Transformer: WeightPrecision.Int8));
        using var package = ModelFolder.Open(_folder["p"]);
        string[] integers = ["attn.qkv", "attn.proj", "cross_attn.q_linear", "cross_attn.proj", "mlp.fc1", "mlp.fc2"];
        foreach (var name in TensorNames.STDiT3(package.Config.Transformer).Where(PackageTensors.IsConverted).Select(tensor => tensor.Name))
        {
            var isInteger = integers.Any(layer => System.Text.RegularExpressions.Regex.IsMatch(name, $@"^(spatial|temporal)_blocks\.\d+\.{layer}\.weight$"));
            Assert.Equal((name, isInteger ? ElementType.I8 : ElementType.BF16), (name, package.Transformer.Find(name).ElementType));
        }
        Assert.All(package.Manifest!.Errors, error => Assert.InRange(error.RelativeL2, 1e-4, 2e-2));
        Assert.True(DevicePackage.Verify(_folder["p"]).IsSound);
    }

    [Fact]
    public void Progress_goes_forward_to_the_end()
    {
        var reports = new List<PackageProgress>();
        var manifest = DevicePackage.Convert(EmbeddedModel.Folder, _folder["p"], Exact, progress: new Immediate(reports.Add));
        Assert.Equal(reports.Select(r => r.CompletedBytes).Order(), reports.Select(r => r.CompletedBytes));
        Assert.Equal(reports[^1].TotalBytes, reports[^1].CompletedBytes);
        Assert.Equal(manifest.Files.Where(f => f.Blocks.Count > 0).Sum(f => f.Size), reports[^1].TotalBytes);
    }

    [Fact]
    public void A_fingerprint_tells_packages_apart()
    {
        TinyPackage.Write(_folder["a"]);
        TinyPackage.Write(_folder["b"], Exact);
        Assert.NotEqual(ModelFingerprint.Of(_folder["a"]).Split('@')[1], ModelFingerprint.Of(_folder["b"]).Split('@')[1]);
    }

    [Fact]
    public void A_file_of_another_size_than_the_manifest_says_does_not_open()
    {
        TinyPackage.Write(_folder["p"]);
        TinyPackage.Write(_folder["q"], Exact);
        File.Copy(_folder.File("q/vae.safetensors"), _folder.File("p/vae.safetensors"), overwrite: true);
        ModelFolder.Open(_folder["p"]).Dispose(); // The same bytes.
        File.Copy(_folder.File("q/transformer.safetensors"), _folder.File("p/transformer.safetensors"), overwrite: true);
        Assert.Contains("'transformer.safetensors' has", Assert.Throws<InvalidModelException>(() => ModelFolder.Open(_folder["p"])).Message, StringComparison.Ordinal);
    }

    private static float[] TextFeatures(string folder)
    {
        using var engine = new ComputeEngine();
        using var model = ModelFolder.Open(folder);
        using var encoder = T5Encoder.Load(engine, model.TextEncoder, model.Config.TextEncoder);
        using var features = encoder.Encode([17, 5, 99, 42, 60, 61, 1], [7], _ => { }, CancellationToken.None);
        return features.Span.ToArray();
    }

    private static async Task<float[]> Latents(string folder)
    {
        using var pipeline = VideoPipeline.Open(folder);
        return (await pipeline.SampleAsync(EmbeddedModel.Small)).Values;
    }

    private static double Difference(float[] a, float[] b) =>
        Math.Sqrt(a.Zip(b).Sum(p => Math.Pow(p.First - p.Second, 2)) / a.Sum(v => (double)v * v));

    private sealed class Immediate(Action<PackageProgress> action) : IProgress<PackageProgress>
    {
        public void Report(PackageProgress value) => action(value);
    }
}
