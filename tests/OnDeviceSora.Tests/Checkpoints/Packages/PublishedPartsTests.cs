using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Tests.Checkpoints.Packages;

public sealed class PublishedPartsTests : IDisposable
{
    private static readonly string[] Repositories = [PublishedParts.TransformerRepository, PublishedParts.VaeRepository, PublishedParts.TextEncoderRepository];
    private readonly TemporaryFolder _folder = new();

    public PublishedPartsTests() => TinyPackage.WritePublished(_folder["src"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Folders_by_name()
    {
        var parts = PublishedParts.Find(_folder["src"])!;
        Assert.Equal(_folder.File("src/OpenSora-VAE-v1.2"), parts.Vae);
        Assert.Empty(parts.Revisions);
        Convert();
    }

    [Fact]
    public void Folders_by_organisation_and_name()
    {
        foreach (var repository in Repositories) Move(repository, repository);
        Assert.Equal(Path.Combine(_folder["src"], PublishedParts.TextEncoderRepository), PublishedParts.Find(_folder["src"])!.TextEncoder);
        Convert();
    }

    [Fact]
    public void A_hubs_cache_gives_the_commits_too()
    {
        foreach (var repository in Repositories)
        {
            var cache = "models--" + repository.Replace("/", "--", StringComparison.Ordinal);
            Move(repository, $"{cache}/snapshots/c0ffee{repository.Length}");
            Directory.CreateDirectory(_folder.File($"src/{cache}/snapshots/older"));
            Directory.CreateDirectory(_folder.File($"src/{cache}/refs"));
            _folder.Write($"src/{cache}/refs/main", $"c0ffee{repository.Length}\n");
        }

        var manifest = Convert();
        Assert.Equal(Repositories.Order(StringComparer.Ordinal), manifest.SourceRevisions.Keys.Order(StringComparer.Ordinal));
        Assert.All(manifest.SourceRevisions, r => Assert.Equal($"c0ffee{r.Key.Length}", r.Value));
        Assert.Equal(manifest.SourceRevisions, PackageManifest.Find(_folder["p"])!.SourceRevisions);

        File.Delete(_folder.File("src/models--hpcai-tech--OpenSora-VAE-v1.2/refs/main"));
        Assert.Contains("2 snapshots", Assert.Throws<InvalidModelException>(() => PublishedParts.Find(_folder["src"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Explicit_folders_and_revisions()
    {
        foreach (var (from, to) in Repositories.Zip((string[])["one", "two", "three"])) Move(from, "../" + to);
        using var source = ModelSource.FromParts(_folder["one"], _folder["two"], _folder["three"], new Dictionary<string, string> { [Repositories[1]] = "abc" });
        Assert.Equal(TinyPackage.Tokenizer, source.Tokenizer);
        Assert.Equal("abc", source.Revisions[Repositories[1]]);
        Assert.Equal(2, source.Config.Transformer.Depth);
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        Directory.Delete(_folder.File("src/OpenSora-VAE-v1.2"), recursive: true);
        Assert.Contains(PublishedParts.VaeRepository, Assert.Throws<InvalidModelException>(Convert).Message, StringComparison.Ordinal);
        Directory.Delete(_folder["src"], recursive: true);
        Assert.Contains("does not exist", Assert.Throws<InvalidModelException>(Convert).Message, StringComparison.Ordinal);
        Directory.CreateDirectory(_folder["src"]);
        Assert.Contains("config.json", Assert.Throws<InvalidModelException>(Convert).Message, StringComparison.Ordinal);
        Assert.Equal(["src"], _folder.Names);
    }

    [Theory]
    [InlineData("OpenSora-STDiT-v3/config.json", "\"depth\": 2", "\"depth\": 3", "spatial_blocks.2")]
    [InlineData("OpenSora-STDiT-v3/config.json", "\"caption_channels\": 64", "\"caption_channels\": 32", "y_embedder")]
    [InlineData("pixart_sigma_sdxlvae_T5_diffusers/text_encoder/config.json", "\"num_layers\": 2", "\"num_layers\": 1000", "num_layers")]
    [InlineData("pixart_sigma_sdxlvae_T5_diffusers/text_encoder/config.json", "gated-gelu", "relu", "gated-gelu")]
    [InlineData("OpenSora-VAE-v1.2/config.json", "17", "0", "micro_frame_size")]
    public void A_configuration_that_does_not_fit_its_tensors_is_refused(string file, string right, string wrong, string words)
    {
        var path = _folder.File("src/" + file);
        File.WriteAllText(path, File.ReadAllText(path).Replace(right, wrong, StringComparison.Ordinal));
        Assert.Contains(words, Assert.ThrowsAny<SoraException>(Convert).Message, StringComparison.Ordinal);
        Assert.Equal(["src"], _folder.Names);
    }

    [Fact]
    public void A_missing_shard_or_tokenizer_is_refused()
    {
        const string t5 = "src/pixart_sigma_sdxlvae_T5_diffusers";
        File.Delete(_folder.File($"{t5}/tokenizer/spiece.model"));
        Assert.Contains("spiece.model", Assert.Throws<InvalidFileException>(Convert).Message, StringComparison.Ordinal);
        File.Delete(_folder.File($"{t5}/text_encoder/model-00002-of-00002.safetensors"));
        Assert.Contains("model-00002-of-00002", Assert.Throws<InvalidModelException>(Convert).Message, StringComparison.Ordinal);
    }

    private PackageManifest Convert() => DevicePackage.Convert(_folder["src"], _folder["p"], new PackagePrecision());

    private void Move(string repository, string to)
    {
        var target = Path.Combine(_folder["src"], to);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        Directory.Move(_folder.File("src/" + Path.GetFileName(repository)), target);
    }
}
