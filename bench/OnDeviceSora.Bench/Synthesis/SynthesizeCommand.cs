using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Bench.Synthesis;

/// <summary><c>bench synthesize</c>: a made-up model of the published names and shapes, as a device package or as published.</summary>
internal static class SynthesizeCommand
{
    /// <summary>The command.</summary>
    public static Command Build()
    {
        var full = new Option<bool>("--full") { Description = "The sizes of Open-Sora v1.2: 6.36 billion weights." };
        var reduced = new Option<bool>("--reduced") { Description = "Its widths, with 4 T5 layers and 4 pairs of STDiT3 blocks." };
        var tiny = new Option<bool>("--tiny") { Description = "A few million weights." };
        var sizes = new Option<string?>("--config") { Description = "The sizes in this config.json of a model folder.", HelpName = "FILE" };
        var package = new Option<string?>("--package") { Description = "Write a device package to this folder.", HelpName = "DIR" };
        var checkpoint = new Option<string?>("--checkpoint") { Description = "Write the published layout to this folder.", HelpName = "DIR" };
        var textEncoder = Precision("--text-encoder", "int8", "fp32", "bf16", "fp16", "int8");
        var transformer = Precision("--transformer", "bf16", "fp32", "bf16", "fp16", "int8");
        var vae = Precision("--vae", "fp32", "fp32", "bf16", "fp16");
        var dtype = Precision("--dtype", "fp32", "fp32", "bf16", "fp16");
        dtype.Description = "The checkpoint's precision.";
        var tokenizer = new Option<string?>("--tokenizer") { Description = "The spiece.model to put in. Default: the embedded model's, whose vocabulary is smaller.", HelpName = "FILE" };
        var seed = new Option<long>("--seed") { Description = "Another seed, other weights.", DefaultValueFactory = _ => 1 };
        var force = new Option<bool>("--force") { Description = "Replace a package of that name." };
        var command = new Command("synthesize", "Write a model of seeded random weights with the published names and shapes.")
        { full, reduced, tiny, sizes, package, checkpoint, textEncoder, transformer, vae, dtype, tokenizer, seed, force };
        command.Validators.Add(result =>
        {
            if (((bool[])[result.GetValue(full), result.GetValue(reduced), result.GetValue(tiny), result.GetValue(sizes) is not null]).Count(chosen => chosen) != 1)
                result.AddError("choose one of --full, --reduced, --tiny and --config FILE");
            if (result.GetValue(package) is null && result.GetValue(checkpoint) is null) result.AddError("give --package DIR or --checkpoint DIR");
        });
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            var (name, config) = parsed.GetValue(sizes) is { } file ? ("custom", ModelConfig.Load(file))
                : parsed.GetValue(full) ? ("full", SyntheticModels.Full)
                : parsed.GetValue(reduced) ? ("reduced", SyntheticModels.Reduced)
                : ("tiny", SyntheticModels.Tiny);
            using var source = Source("synthetic-" + name, config, File.ReadAllBytes(parsed.GetValue(tokenizer) ?? EmbeddedTokenizer()), parsed.GetValue(seed));
            if (parsed.GetValue(package) is { } folder)
            {
                var precision = new PackagePrecision(Parse(parsed.GetValue(textEncoder)), Parse(parsed.GetValue(transformer)), Parse(parsed.GetValue(vae)));
                Time(folder, config, () => PackageWriter.Write(source, folder, precision, parsed.GetValue(force), null, cancellation).Bytes);
            }

            if (parsed.GetValue(checkpoint) is { } published)
                Time(published, config, () => new PublishedCheckpoint(source, Parse(parsed.GetValue(dtype)), cancellation).Write(published));
        }, cancellation));
        return command;
    }

    /// <summary>The made-up model.</summary>
    public static ModelSource Source(string name, ModelConfig config, byte[] tokenizer, long seed) => new()
    {
        Name = name,
        Config = config,
        ConfigJson = ModelConfigJson.Write(config),
        Tokenizer = tokenizer,
        TextEncoder = new SyntheticWeights(TensorNames.T5(config.TextEncoder), seed),
        Transformer = new SyntheticWeights(TensorNames.STDiT3(config.Transformer), seed),
        Vae = new SyntheticWeights(TensorNames.Vae(config.Vae), seed),
    };

    private static Option<string> Precision(string name, string fallback, params string[] allowed)
    {
        var option = new Option<string>(name) { Description = "The package's precision of that model.", DefaultValueFactory = _ => fallback };
        option.AcceptOnlyFromAmong(allowed);
        return option;
    }

    private static WeightPrecision Parse(string? name) =>
        WeightPrecisions.TryParse(name, out var precision) ? precision : throw new ArgumentOutOfRangeException(nameof(name), name, "not a precision");

    private static void Time(string folder, ModelConfig config, Func<long> write)
    {
        var clock = Stopwatch.StartNew();
        var bytes = write();
        var weights = TensorNames.T5(config.TextEncoder).Where(t => !t.IsOptional).Concat(TensorNames.STDiT3(config.Transformer)).Concat(TensorNames.Vae(config.Vae))
            .Sum(t => t.Shape.Aggregate(1L, (a, b) => a * b));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{folder}: {weights / 1e6:0.0} million weights, {bytes / 1e6:0} MB in {clock.Elapsed.TotalSeconds:0.0} s ({4e-6 * weights / clock.Elapsed.TotalSeconds:0} MB/s of fp32), peak resident {Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:0} MB"));
    }

    /// <summary>The tokenizer of the model that comes with the project.</summary>
    public static string EmbeddedTokenizer()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var file = Path.Combine(folder.FullName, "models", "opensora-tiny", ModelFolder.TokenizerFileName);
            if (File.Exists(file)) return file;
        }

        throw new FileNotFoundException("the embedded model's tokenizer was not found above the program; give --tokenizer FILE");
    }
}
