using System.Text.Json;

namespace OnDeviceSora.Checkpoints;

/// <summary>What a model folder or a single checkpoint holds: what <c>sora inspect</c> shows.</summary>
/// <param name="Path">The folder or file.</param>
/// <param name="IsModelFolder">Whether it is (or is meant to be) a whole model folder.</param>
/// <param name="MissingParts">Parts a model folder lacks, by file name; empty for a single checkpoint.</param>
/// <param name="Checkpoints">The checkpoints that are there.</param>
/// <param name="Manifest">The manifest of a device package; <c>null</c> for anything else.</param>
public sealed record ModelInspection(
    string Path, bool IsModelFolder, IReadOnlyList<string> MissingParts, IReadOnlyList<CheckpointInspection> Checkpoints, PackageManifest? Manifest = null)
{
    /// <summary>Whether nothing is missing.</summary>
    public bool IsComplete => MissingParts.Count == 0 && Checkpoints.All(c => c.IsComplete);

    /// <summary>Looks into a model folder, a checkpoint's folder, a <c>.safetensors</c> file or an index.</summary>
    /// <param name="path">The folder or file.</param>
    /// <exception cref="InvalidFileException">A file is missing, damaged or of another format.</exception>
    /// <exception cref="InvalidModelException">The folder holds no checkpoint, or an index and its shards do not fit.</exception>
    public static ModelInspection Inspect(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!Directory.Exists(path)) return new ModelInspection(path, false, [], [CheckpointInspection.Inspect(path)]);

        var parts = new[] { ModelFolder.TextEncoderName, ModelFolder.TransformerName, ModelFolder.VaeName }
            .Select(name => CheckpointLocation.Named(path, name)).OfType<string>().ToList();
        if (parts.Count == 0) return new ModelInspection(path, false, [], [CheckpointInspection.Inspect(path)]);

        var config = System.IO.Path.Combine(path, ModelConfig.FileName);
        return new ModelInspection(path, true, ModelFolder.MissingParts(path),
            [.. parts.Select(part => CheckpointInspection.Inspect(part, File.Exists(config) ? config : null))], PackageManifest.Find(path));
    }
}

/// <summary>What one checkpoint holds, and how well it fits the model it is for.</summary>
/// <param name="Path">The file, or the index of a sharded checkpoint.</param>
/// <param name="Kind">The model its tensors belong to.</param>
/// <param name="Tensors">Its tensors, by name.</param>
/// <param name="ConfigPath">The configuration its tensors were compared with; <c>null</c> when the sizes were read off the tensors.</param>
/// <param name="Fit">What is missing or wrong; <c>null</c> when it could not be compared.</param>
/// <param name="Problem">Why it could not be compared; <c>null</c> when it was.</param>
public sealed record CheckpointInspection(
    string Path, ModelKind Kind, IReadOnlyList<TensorInfo> Tensors, string? ConfigPath, CheckpointFit? Fit, string? Problem)
{
    /// <summary>Whether the model can run with it.</summary>
    public bool IsComplete => Fit is { IsComplete: true };

    /// <summary>Elements of all tensors.</summary>
    public long Parameters => Tensors.Sum(t => t.Elements);

    /// <summary>Bytes of all tensors.</summary>
    public long Bytes => Tensors.Sum(t => t.ByteLength);

    /// <summary>Looks into a checkpoint.</summary>
    /// <param name="path">The file, index or folder.</param>
    /// <param name="config">The configuration to compare with; <c>null</c> to look for one beside it.</param>
    internal static CheckpointInspection Inspect(string path, string? config = null)
    {
        ModelKind kind;
        using (var stored = Checkpoint.Open(path)) kind = ModelKinds.Recognise(stored.Names);
        using var checkpoint = Checkpoint.Open(path, kind.Aliases());
        var tensors = checkpoint.Tensors.OrderBy(t => t.Name, StringComparer.Ordinal).ToList();
        var found = config ?? Beside(checkpoint.Path);
        try
        {
            var (expected, usedConfig) = Expected(checkpoint, kind, found);
            var fit = expected is null ? null : CheckpointFit.Of(checkpoint, expected);
            if (kind == ModelKind.T5Encoder && fit is not null)
                fit = fit with { Unexpected = [.. fit.Unexpected.Where(n => !TensorNames.IsUnusedT5(n))] };
            return new CheckpointInspection(checkpoint.Path, kind, tensors, usedConfig, fit,
                fit is null ? "its tensors belong to no model this library runs (T5 encoder, STDiT3, Open-Sora VAE)" : null);
        }
        catch (InvalidModelException e)
        {
            return new CheckpointInspection(checkpoint.Path, kind, tensors, null, null, e.Message);
        }
    }

    private static string? Beside(string file)
    {
        var path = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(file))!, ModelConfig.FileName);
        return File.Exists(path) ? path : null;
    }

    private static (IEnumerable<ExpectedTensor>? Expected, string? ConfigPath) Expected(Checkpoint checkpoint, ModelKind kind, string? config)
    {
        if (kind == ModelKind.Unknown) return (null, null);
        if (config is not null)
        {
            using var document = JsonFile.Load(config, ModelConfig.MaximumBytes);
            if (SectionFor(kind, document.RootElement) is { } section) return (FromConfig(kind, section, config), config);
        }

        var inference = new ConfigInference(checkpoint);
        return (kind switch
        {
            ModelKind.T5Encoder => TensorNames.T5(inference.T5()),
            ModelKind.STDiT3 => TensorNames.STDiT3(inference.STDiT3()),
            _ => TensorNames.Vae(inference.Vae()),
        }, null);
    }

    private static IEnumerable<ExpectedTensor> FromConfig(ModelKind kind, JsonElement section, string path) => kind switch
    {
        ModelKind.T5Encoder => TensorNames.T5(T5Config.Parse(section, path)),
        ModelKind.STDiT3 => TensorNames.STDiT3(STDiT3Config.Parse(section, path)),
        _ => TensorNames.Vae(VaeConfig.Parse(section, path)),
    };

    /// <summary>A model folder's configuration has an object for each model; a single model's published one is that object itself.</summary>
    private static JsonElement? SectionFor(ModelKind kind, JsonElement root)
    {
        var (name, own) = kind switch
        {
            ModelKind.T5Encoder => (ModelFolder.TextEncoderName, "d_model"),
            ModelKind.STDiT3 => (ModelFolder.TransformerName, "hidden_size"),
            _ => (ModelFolder.VaeName, "temporal"),
        };
        if (root.TryGetProperty(name, out var section)) return section;
        return root.TryGetProperty(own, out _) ? root : null;
    }
}
