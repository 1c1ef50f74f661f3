using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace OnDeviceSora.Tests.Hub;

/// <summary>A repository of the local hub: files at one commit.</summary>
[SuppressMessage("Security", "CA5350", Justification = "git names commits and blobs by SHA-1.")]
public sealed class LocalHubRepository(string name)
{
    // Hashing takes longer than serving.
    private static readonly ConditionalWeakTable<byte[], string> Hashes = [];

    public string Name { get; } = name;

    public string Commit { get; set; } = Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(name)));

    public SortedDictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether the listing tells sizes and hashes.</summary>
    public bool ListsHashes { get; set; } = true;

    /// <summary>Adds to the listing a file that is not there.</summary>
    public List<string> ExtraNames { get; } = [];

    public static bool IsLarge(string path) => path.EndsWith(".safetensors", StringComparison.Ordinal) || path.EndsWith(".model", StringComparison.Ordinal);

    /// <summary>The hash that names a file among the blobs: SHA-256 of large files, git's SHA-1 of others.</summary>
    public string Hash(string path) => Hashes.GetValue(Files[path], _ => Compute(path));

    /// <summary>The three repositories of Open-Sora v1.2 in small: the same names, random bytes, and files that are not needed.</summary>
    public static List<LocalHubRepository> OpenSora(int weightBytes, int seed = 1)
    {
        var random = new Random(seed);
        LocalHubRepository transformer = new("hpcai-tech/OpenSora-STDiT-v3"), vae = new("hpcai-tech/OpenSora-VAE-v1.2"), text = new("PixArt-alpha/pixart_sigma_sdxlvae_T5_diffusers");
        foreach (var repository in (LocalHubRepository[])[transformer, vae])
        {
            repository.Files["README.md"] = Random(100);
            repository.Files["config.json"] = Random(700);
            repository.Files["model.safetensors"] = Random(weightBytes);
        }

        text.Files["model_index.json"] = Random(300);
        text.Files["text_encoder/config.json"] = Random(800);
        text.Files["text_encoder/model.safetensors.index.json"] = Random(20_000);
        text.Files["text_encoder/model-00001-of-00002.safetensors"] = Random(weightBytes);
        text.Files["text_encoder/model-00002-of-00002.safetensors"] = Random(weightBytes / 2 + 1);
        text.Files["text_encoder/model.fp16-00001-of-00001.safetensors"] = Random(1000);
        text.Files["tokenizer/spiece.model"] = Random(30_000);
        text.Files["tokenizer/special_tokens_map.json"] = Random(300);
        text.Files["transformer/diffusion_pytorch_model.safetensors"] = Random(1000);
        return [transformer, vae, text];

        byte[] Random(int bytes)
        {
            var content = new byte[bytes];
            random.NextBytes(content);
            return content;
        }
    }

    /// <summary>The files that a pull needs.</summary>
    public static bool IsNeeded(string path) => path is "config.json" or "model.safetensors" or "text_encoder/config.json" or "text_encoder/model.safetensors.index.json" or "tokenizer/spiece.model"
        || path.StartsWith("text_encoder/model-", StringComparison.Ordinal);

    /// <summary>Compares what a cache holds with what the hub holds, byte for byte, and looks for anything else in it.</summary>
    public static void AssertPulled(string cache, IEnumerable<LocalHubRepository> repositories, string revision = "main")
    {
        foreach (var repository in repositories)
        {
            var folder = Path.Combine(cache, "models--" + repository.Name.Replace("/", "--", StringComparison.Ordinal));
            Assert.Equal(repository.Commit, File.ReadAllText(Path.Combine(folder, "refs", revision)));
            var needed = repository.Files.Keys.Where(IsNeeded).ToList();
            foreach (var path in needed)
            {
                var file = Path.Combine(folder, "snapshots", repository.Commit, path);
                Assert.True(repository.Files[path].AsSpan().SequenceEqual(File.ReadAllBytes(file)), path + " differs");
                if (!OperatingSystem.IsWindows()) Assert.Equal(repository.Hash(path), Path.GetFileName(new FileInfo(file).LinkTarget!));
            }

            Assert.Equal(needed.Select(repository.Hash).Order(), Directory.EnumerateFiles(Path.Combine(folder, "blobs")).Select(file => Path.GetFileName(file)).Order());
        }
    }

    /// <summary>Whatever has a final name in a cache has the bytes that the hub holds.</summary>
    public static void AssertNothingWrong(string cache, IReadOnlyCollection<LocalHubRepository> repositories)
    {
        if (!Directory.Exists(cache)) return;
        var right = repositories.SelectMany(repository => repository.Files.Keys.Select(path => (Hash: repository.Hash(path), Bytes: repository.Files[path])))
            .GroupBy(file => file.Hash).ToDictionary(group => group.Key, group => group.First().Bytes);
        foreach (var blob in Directory.EnumerateDirectories(cache, "blobs", SearchOption.AllDirectories).SelectMany(Directory.EnumerateFiles))
        {
            if (Path.GetFileName(blob).Contains(".sora-", StringComparison.Ordinal)) continue;
            Assert.True(right[Path.GetFileName(blob)].AsSpan().SequenceEqual(File.ReadAllBytes(blob)), blob + " is wrong");
        }
    }

    private string Compute(string path) => IsLarge(path)
        ? Convert.ToHexStringLower(SHA256.HashData(Files[path]))
        : Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {Files[path].Length}\0")), .. Files[path]]));
}
