namespace OnDeviceSora.Checkpoints;

/// <summary>
/// An open model folder: <c>config.json</c>, <c>spiece.model</c>, and the weights of the three models, each
/// <c>NAME.safetensors</c>, <c>NAME.safetensors.index.json</c> with its shards, or a folder <c>NAME</c> with either. A device
/// package is a model folder too, with a manifest.
/// </summary>
internal sealed class ModelFolder : IDisposable
{
    /// <summary>The tokenizer's file name.</summary>
    public const string TokenizerFileName = "spiece.model";

    /// <summary>What the text encoder's weights are called.</summary>
    public const string TextEncoderName = "text_encoder";

    /// <summary>What the transformer's weights are called.</summary>
    public const string TransformerName = "transformer";

    /// <summary>What the autoencoder's weights are called.</summary>
    public const string VaeName = "vae";

    private ModelFolder(
        string path, ModelConfig config, PackageManifest? manifest, string tokenizer, Checkpoint textEncoder, Checkpoint transformer, Checkpoint vae) =>
        (Path, Config, Manifest, TokenizerPath, TextEncoder, Transformer, Vae) = (path, config, manifest, tokenizer, textEncoder, transformer, vae);

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The configuration.</summary>
    public ModelConfig Config { get; }

    /// <summary>The manifest when the folder is a device package; <c>null</c> when it is a plain model folder.</summary>
    public PackageManifest? Manifest { get; }

    /// <summary>The tokenizer's file; not yet opened.</summary>
    public string TokenizerPath { get; }

    /// <summary>The weights of the T5 encoder.</summary>
    public Checkpoint TextEncoder { get; }

    /// <summary>The weights of the STDiT3 transformer.</summary>
    public Checkpoint Transformer { get; }

    /// <summary>The weights of the video autoencoder.</summary>
    public Checkpoint Vae { get; }

    /// <summary>Opens a model folder and checks that every tensor the configuration asks for is there.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="InvalidModelException">A part or a tensor is missing or does not fit; the message names every one.</exception>
    /// <exception cref="InvalidFileException">A file is damaged.</exception>
    public static ModelFolder Open(string folder)
    {
        RequireParts(folder);
        var manifest = PackageManifest.Find(folder);
        manifest?.RequireSizes(folder);
        var config = ModelConfig.Load(System.IO.Path.Combine(folder, ModelConfig.FileName));
        var opened = new List<Checkpoint>();
        try
        {
            var textEncoder = OpenPart(TextEncoderName, TensorAliases.T5, TensorNames.T5(config.TextEncoder));
            var transformer = OpenPart(TransformerName, TensorAliases.None, TensorNames.STDiT3(config.Transformer));
            var vae = OpenPart(VaeName, TensorAliases.Vae, TensorNames.Vae(config.Vae));
            return new ModelFolder(folder, config, manifest, System.IO.Path.Combine(folder, TokenizerFileName), textEncoder, transformer, vae);
        }
        catch
        {
            foreach (var checkpoint in opened) checkpoint.Dispose();
            throw;
        }

        Checkpoint OpenPart(string name, TensorAliases aliases, IEnumerable<ExpectedTensor> expected)
        {
            var checkpoint = Checkpoint.Open(CheckpointLocation.Named(folder, name)!, aliases);
            opened.Add(checkpoint);
            CheckpointFit.Of(checkpoint, expected).Require(checkpoint.Path, name);
            return checkpoint;
        }
    }

    /// <summary>The parts a model folder lacks, each with what it may be called; empty when all are there.</summary>
    public static IReadOnlyList<string> MissingParts(string folder)
    {
        var missing = new List<string>();
        foreach (var file in (string[])[ModelConfig.FileName, TokenizerFileName])
        {
            if (!File.Exists(System.IO.Path.Combine(folder, file))) missing.Add(file);
        }

        foreach (var name in (string[])[TextEncoderName, TransformerName, VaeName])
        {
            if (CheckpointLocation.Named(folder, name) is null)
                missing.Add($"{name}.safetensors (or {name}{ShardIndex.Suffix}, or a folder {name})");
        }

        return missing;
    }

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        TextEncoder.Dispose();
        Transformer.Dispose();
        Vae.Dispose();
    }

    /// <summary>Refuses a path that is no folder.</summary>
    /// <exception cref="InvalidModelException">It is a file, or nothing.</exception>
    public static void RequireFolder(string path)
    {
        if (File.Exists(path)) throw new InvalidModelException(path, "this is a file; a model folder is needed");
        if (!Directory.Exists(path)) throw new InvalidModelException(path, "the model folder does not exist");
    }

    private static void RequireParts(string folder)
    {
        RequireFolder(folder);
        var missing = MissingParts(folder);
        if (missing.Count > 0)
            throw new InvalidModelException(folder, $"the model folder is incomplete; missing: {string.Join(", ", missing)}");
    }
}
