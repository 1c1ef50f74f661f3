namespace OnDeviceSora.Checkpoints;

/// <summary>The three repositories in which Open-Sora v1.2 is published, each as a folder of its files.</summary>
/// <param name="Transformer">The files of <c>hpcai-tech/OpenSora-STDiT-v3</c>.</param>
/// <param name="Vae">The files of <c>hpcai-tech/OpenSora-VAE-v1.2</c>.</param>
/// <param name="TextEncoder">The files of <c>PixArt-alpha/pixart_sigma_sdxlvae_T5_diffusers</c>: <c>text_encoder/</c> and <c>tokenizer/</c>.</param>
/// <param name="Revisions">The commit of each repository, by its name, as far as known.</param>
public sealed record PublishedParts(string Transformer, string Vae, string TextEncoder, IReadOnlyDictionary<string, string> Revisions)
{
    /// <summary>The transformer's repository.</summary>
    public const string TransformerRepository = "hpcai-tech/OpenSora-STDiT-v3";

    /// <summary>The autoencoder's repository.</summary>
    public const string VaeRepository = "hpcai-tech/OpenSora-VAE-v1.2";

    /// <summary>The text encoder's and the tokenizer's repository.</summary>
    public const string TextEncoderRepository = "PixArt-alpha/pixart_sigma_sdxlvae_T5_diffusers";

    /// <summary>
    /// Looks for the three repositories in a folder: each as <c>NAME</c>, as <c>ORGANISATION/NAME</c>, or in a hub's cache as
    /// <c>models--ORGANISATION--NAME/snapshots/COMMIT</c>.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <returns>The three, or <c>null</c> when none of them is there.</returns>
    /// <exception cref="InvalidModelException">Some are there and others are missing, or a cache holds several commits and does not say which is current.</exception>
    public static PublishedParts? Find(string folder)
    {
        string[] repositories = [TransformerRepository, VaeRepository, TextEncoderRepository];
        var found = repositories.Select(repository => (Repository: repository, Folder: FolderOf(folder, repository))).ToList();
        if (found.TrueForAll(f => f.Folder is null)) return null;
        var missing = found.Where(f => f.Folder is null).Select(f => f.Repository).ToList();
        if (missing.Count > 0)
            throw new InvalidModelException(folder, $"of the three repositories of Open-Sora v1.2, missing are: {string.Join(", ", missing)} (a folder of that name, with or without the part before the slash)");
        var revisions = found.Where(f => IsSnapshot(f.Folder!)).ToDictionary(f => f.Repository, f => Path.GetFileName(f.Folder!));
        return new PublishedParts(found[0].Folder!, found[1].Folder!, found[2].Folder!, revisions);
    }

    private static bool IsSnapshot(string folder) => Path.GetFileName(Path.GetDirectoryName(folder)) == "snapshots";

    private static string? FolderOf(string folder, string repository)
    {
        var plain = new[] { Path.Combine(folder, Path.GetFileName(repository)), Path.Combine([folder, .. repository.Split('/')]) };
        if (plain.FirstOrDefault(Directory.Exists) is { } found) return found;
        var cache = Path.Combine(folder, "models--" + repository.Replace("/", "--", StringComparison.Ordinal));
        return Directory.Exists(Path.Combine(cache, "snapshots")) ? Snapshot(cache) : null;
    }

    private static string Snapshot(string cache)
    {
        var snapshots = Path.Combine(cache, "snapshots");
        var main = Path.Combine(cache, "refs", "main");
        if (File.Exists(main))
        {
            var commit = System.Text.Encoding.UTF8.GetString(CheckpointFile.ReadAll(main, 1024)).Trim();
            if (commit.Length > 0 && commit.All(char.IsAsciiLetterOrDigit) && Directory.Exists(Path.Combine(snapshots, commit)))
                return Path.Combine(snapshots, commit);
        }

        var all = Directory.GetDirectories(snapshots);
        return all.Length == 1
            ? all[0]
            : throw new InvalidModelException(cache, $"the cache holds {all.Length} snapshots and refs/main names none of them; name the snapshot's folder");
    }
}
