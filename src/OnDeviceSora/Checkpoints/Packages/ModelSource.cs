namespace OnDeviceSora.Checkpoints;

/// <summary>Everything a device package is made from: three models' weights, their configuration and the tokenizer.</summary>
internal sealed class ModelSource : IDisposable
{
    // The tokenizer's reader accepts no more either.
    private const long LargestTokenizer = 16 << 20;

    /// <summary>The model's name.</summary>
    public required string Name { get; init; }

    /// <summary>The sizes of the three models.</summary>
    public required ModelConfig Config { get; init; }

    /// <summary>The bytes of the package's <c>config.json</c>.</summary>
    public required byte[] ConfigJson { get; init; }

    /// <summary>The bytes of <c>spiece.model</c>.</summary>
    public required byte[] Tokenizer { get; init; }

    /// <summary>The T5 encoder's weights.</summary>
    public required ITensorSource TextEncoder { get; init; }

    /// <summary>The STDiT3 transformer's weights.</summary>
    public required ITensorSource Transformer { get; init; }

    /// <summary>The video autoencoder's weights.</summary>
    public required ITensorSource Vae { get; init; }

    /// <summary>The folders that are read; the package must not take their place.</summary>
    public IReadOnlyList<string> Folders { get; init; } = [];

    /// <summary>The commits of the published repositories, by repository.</summary>
    public IReadOnlyDictionary<string, string> Revisions { get; init; } = new Dictionary<string, string>();

    /// <summary>Opens a model folder, or a folder with the three published repositories.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="InvalidModelException">It is neither, or incomplete.</exception>
    /// <exception cref="InvalidFileException">A file is damaged.</exception>
    public static ModelSource Open(string folder)
    {
        ModelFolder.RequireFolder(folder);
        if (File.Exists(Path.Combine(folder, ModelConfig.FileName)) || PublishedParts.Find(folder) is not { } parts) return FromModelFolder(folder);
        return FromParts(parts);
    }

    /// <summary>Opens the three published repositories.</summary>
    /// <param name="stdit">The folder of the STDiT repository.</param>
    /// <param name="vae">The folder of the VAE repository.</param>
    /// <param name="t5">The folder of the T5 repository, with <c>text_encoder/</c> and <c>tokenizer/</c>.</param>
    /// <param name="revisions">The commits, by repository; may be empty.</param>
    /// <exception cref="InvalidModelException">A repository is incomplete, or its tensors do not fit its configuration.</exception>
    /// <exception cref="InvalidFileException">A file is missing or damaged.</exception>
    public static ModelSource FromParts(string stdit, string vae, string t5, IReadOnlyDictionary<string, string>? revisions = null) =>
        FromParts(new PublishedParts(stdit, vae, t5, revisions ?? new Dictionary<string, string>()));

    /// <summary>Opens the three published repositories.</summary>
    public static ModelSource FromParts(PublishedParts parts)
    {
        using var opening = new OpenedCheckpoints();
        var textEncoder = opening.Open(Path.Combine(parts.TextEncoder, "text_encoder"), TensorAliases.T5);
        var transformer = opening.Open(parts.Transformer, TensorAliases.None);
        var vae = opening.Open(parts.Vae, TensorAliases.Vae);
        var config = PublishedConfig.Read(parts, vae);
        CheckpointFit.Of(textEncoder, TensorNames.T5(config.TextEncoder)).Require(textEncoder.Path, ModelFolder.TextEncoderName);
        CheckpointFit.Of(transformer, TensorNames.STDiT3(config.Transformer)).Require(transformer.Path, ModelFolder.TransformerName);
        CheckpointFit.Of(vae, TensorNames.Vae(config.Vae)).Require(vae.Path, ModelFolder.VaeName);
        var json = ModelConfigJson.Write(config);
        // Parsed again, so that what the three say of each other is checked as in any model folder.
        config = ModelConfig.Parse(parts.Transformer, json);
        var tokenizer = CheckpointFile.ReadAll(Path.Combine(parts.TextEncoder, "tokenizer", ModelFolder.TokenizerFileName), LargestTokenizer);
        opening.Keep();
        return new ModelSource
        {
            Name = "opensora-v1.2",
            Config = config,
            ConfigJson = json,
            Tokenizer = tokenizer,
            TextEncoder = new CheckpointSource(textEncoder),
            Transformer = new CheckpointSource(transformer),
            Vae = new CheckpointSource(vae),
            Folders = [parts.Transformer, parts.Vae, parts.TextEncoder],
            Revisions = parts.Revisions,
        };
    }

    /// <summary>Closes the weights.</summary>
    public void Dispose()
    {
        TextEncoder.Dispose();
        Transformer.Dispose();
        Vae.Dispose();
    }

    private static ModelSource FromModelFolder(string folder)
    {
        var model = ModelFolder.Open(folder);
        try
        {
            return new ModelSource
            {
                Name = model.Manifest?.Name ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))),
                Config = model.Config,
                ConfigJson = CheckpointFile.ReadAll(Path.Combine(folder, ModelConfig.FileName), ModelConfig.MaximumBytes),
                Tokenizer = CheckpointFile.ReadAll(model.TokenizerPath, LargestTokenizer),
                TextEncoder = new CheckpointSource(model.TextEncoder),
                Transformer = new CheckpointSource(model.Transformer),
                Vae = new CheckpointSource(model.Vae),
                Folders = [folder],
                Revisions = model.Manifest?.SourceRevisions ?? new Dictionary<string, string>(),
            };
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Checkpoints that are closed again unless all goes well.</summary>
    private sealed class OpenedCheckpoints : IDisposable
    {
        private readonly List<Checkpoint> _opened = [];

        public Checkpoint Open(string folder, TensorAliases aliases)
        {
            ModelFolder.RequireFolder(folder);
            _opened.Add(Checkpoint.Open(folder, aliases));
            return _opened[^1];
        }

        public void Keep() => _opened.Clear();

        public void Dispose() => _opened.ForEach(c => c.Dispose());
    }
}
