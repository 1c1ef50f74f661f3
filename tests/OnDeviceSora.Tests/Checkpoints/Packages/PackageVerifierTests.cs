using System.Security.Cryptography;
using System.Text;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Tests.Checkpoints.Packages;

public sealed class PackageVerifierTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PackageManifest _manifest;

    public PackageVerifierTests() => _manifest = TinyPackage.Write(_folder["p"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_just_written_is_sound()
    {
        var reports = new List<PackageProgress>();
        var result = DevicePackage.Verify(_folder["p"], new Immediate(reports.Add));
        Assert.True(result.IsSound);
        Assert.Equal((_manifest.Bytes, _manifest.Bytes), (reports[^1].CompletedBytes, reports[^1].TotalBytes));
    }

    [Fact]
    public void A_flipped_bit_in_any_block_is_found_and_named()
    {
        foreach (var place in (Func<PackageBlock, long>[])[b => b.Offset, b => b.Offset + (b.Size / 2), b => b.Offset + b.Size - 1])
        {
            // A bit in every block at once, and each block must be named; then in one block alone.
            var blocks = _manifest.Files.SelectMany(f => f.Blocks.Where(b => b.Size > 0).Select(b => (f.Name, Block: b))).ToList();
            Assert.Equal(blocks.Select(b => (b.Name, (string?)b.Block.Name)), Flipped([.. blocks.Select(b => (b.Name, place(b.Block)))]));
            var (file, one) = blocks[blocks.Count / 2];
            Assert.Equal([(file, one.Name)], Flipped((file, place(one))));
        }
    }

    [Fact]
    public void A_flipped_bit_outside_the_blocks_is_found_and_its_file_named()
    {
        foreach (var file in _manifest.Files)
        {
            var gap = file.Blocks.Zip(file.Blocks.Skip(1)).Where(b => b.First.Offset + b.First.Size < b.Second.Offset).Select(b => b.Second.Offset - 1);
            foreach (var at in (long[])[0, 9, file.Size / 2, .. gap.Take(1), file.Size - 1])
            {
                if (file.Blocks.Any(b => at >= b.Offset && at < b.Offset + b.Size)) continue;
                Assert.Equal([(file.Name, null)], Flipped((file.Name, at)));
            }
        }
    }

    [Fact]
    public void A_flipped_bit_anywhere_in_the_manifest_is_found()
    {
        var path = _folder.File("p/manifest.json");
        var bytes = File.ReadAllBytes(path);
        for (var at = 0; at < bytes.Length; at += 29)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[at] ^= (byte)(1 << (at % 8));
            File.WriteAllBytes(path, damaged);
            Assert.Throws<InvalidFileException>(() => DevicePackage.Verify(_folder["p"]));
        }
    }

    [Theory]
    [InlineData("vae.safetensors"), InlineData("text_encoder.safetensors"), InlineData("spiece.model"), InlineData("config.json")]
    public void A_truncated_file_is_found(string name)
    {
        using (var file = new FileStream(Path.Combine(_folder["p"], name), FileMode.Open)) file.SetLength(file.Length / 2);
        var result = DevicePackage.Verify(_folder["p"]);
        Assert.All(result.Problems, p => Assert.Equal(name, p.File));
        Assert.Contains("bytes", result.Problems[0].Problem, StringComparison.Ordinal);
        Assert.Equal(name.StartsWith("vae", StringComparison.Ordinal), result.Problems.Any(p => p.Block == "temporal_vae.encoder"));
    }

    [Theory]
    [InlineData("vae.safetensors"), InlineData("spiece.model"), InlineData("config.json")]
    public void A_missing_file_is_found(string name)
    {
        File.Delete(Path.Combine(_folder["p"], name));
        var problem = Assert.Single(DevicePackage.Verify(_folder["p"]).Problems);
        Assert.Equal((name, "the file does not exist"), (problem.File, problem.Problem));
        Assert.Throws<InvalidModelException>(() => ModelFolder.Open(_folder["p"]));
    }

    [Fact]
    public void A_folder_without_a_manifest_is_no_package()
    {
        File.Delete(_folder.File("p/manifest.json"));
        Assert.Contains("sora convert", Assert.Throws<InvalidModelException>(() => DevicePackage.Verify(_folder["p"])).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidModelException>(() => DevicePackage.Verify(_folder["nowhere"]));
        ModelFolder.Open(_folder["p"]).Dispose();
    }

    [Theory]
    [InlineData("\"format_version\": 1", "\"format_version\": 2", "a newer program is needed")]
    [InlineData("\"format_version\": 1", "\"format_version\": 0", "convert the model again")]
    [InlineData("\"format_version\": 1", "\"format_version\": \"1\"", "a whole number")]
    [InlineData("\"name\": \"vae.safetensors\"", "\"name\": \"../vae.safetensors\"", "beside the manifest")]
    [InlineData("\"name\": \"vae.safetensors\"", "\"name\": \"/etc/passwd\"", "beside the manifest")]
    [InlineData("\"name\": \"vae.safetensors\"", "\"name\": \"config.json\"", "twice")]
    [InlineData("\"offset\": 4096", "\"offset\": 4097", "no multiple of 4096")]
    [InlineData("\"offset\": 4096", "\"offset\": 409600000", "beyond the file")]
    [InlineData("\"text_encoder\": \"int8\"", "\"text_encoder\": \"int4\"", "it must be fp32, bf16, fp16 or int8")]
    [InlineData("\"source_revisions\": {}", "\"source_revisions\": []", "it must be an object")]
    public void A_manifest_that_lies_well_enough_for_its_checksum_is_refused(string right, string wrong, string words)
    {
        Rewrite(text => text.Replace(right, wrong, StringComparison.Ordinal));
        var error = Assert.Throws<InvalidFileException>(() => DevicePackage.Verify(_folder["p"]));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidFileException>(() => ModelFolder.Open(_folder["p"]));
    }

    [Fact]
    public void Mutated_manifests_with_their_checksum_made_right_are_read_or_refused()
    {
        var seed = File.ReadAllBytes(_folder.File("p/manifest.json"));
        var random = new Random(7);
        for (var i = 0; i < 1500; i++)
        {
            var path = _folder.Write("manifest.json", Signed(Mutation.Of(seed, random)));
            try
            {
                PackageManifestJson.Load(path);
            }
            catch (InvalidFileException)
            {
                // One of the library's errors, as it should be.
            }
        }
    }

    [Fact]
    public void A_wrong_hash_or_count_in_a_manifest_that_is_whole_is_reported()
    {
        var block = _manifest.Files[2].Blocks[1];
        Rewrite(text => text.Replace(block.Sha256, new string('a', 64), StringComparison.Ordinal));
        Assert.Equal(block.Name, Assert.Single(DevicePackage.Verify(_folder["p"]).Problems).Block);
    }

    [Fact]
    public void Tensors_that_do_not_fit_the_configuration_are_reported()
    {
        var config = File.ReadAllText(_folder.File("p/config.json")).Replace("\"depth\": 2", "\"depth\": 3", StringComparison.Ordinal);
        File.WriteAllText(_folder.File("p/config.json"), config);
        var bytes = Encoding.UTF8.GetBytes(config);
        Rewrite(text => text.Replace(_manifest.Files[0].Sha256, Convert.ToHexStringLower(SHA256.HashData(bytes)), StringComparison.Ordinal));
        var problem = Assert.Single(DevicePackage.Verify(_folder["p"]).Problems);
        Assert.Contains("spatial_blocks.2", problem.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Checking_can_be_cancelled() =>
        Assert.ThrowsAny<OperationCanceledException>(() => DevicePackage.Verify(_folder["p"], cancellation: new CancellationToken(canceled: true)));

    /// <summary>What is reported, by file and block, while these bytes have a bit flipped.</summary>
    private IEnumerable<(string File, string? Block)> Flipped(params (string File, long At)[] places)
    {
        foreach (var (file, at) in places) Flip(file, at);
        var problems = DevicePackage.Verify(_folder["p"]).Problems;
        foreach (var (file, at) in places) Flip(file, at);
        return problems.Select(p => (p.File, p.Block));
    }

    private void Flip(string name, long at)
    {
        using var file = new FileStream(Path.Combine(_folder["p"], name), FileMode.Open);
        file.Position = at;
        var value = (byte)file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ 0x10));
    }

    private void Rewrite(Func<string, string> change)
    {
        var path = _folder.File("p/manifest.json");
        var before = File.ReadAllText(path);
        Assert.NotEqual(before, change(before));
        File.WriteAllBytes(path, Signed(Encoding.UTF8.GetBytes(change(before))));
    }

    /// <summary>The manifest with the checksum that belongs to it.</summary>
    private static byte[] Signed(byte[] manifest)
    {
        var at = manifest.AsSpan().IndexOf("\"checksum\": \""u8);
        if (at < 0 || at + 13 + 64 > manifest.Length) return manifest;
        manifest.AsSpan(at + 13, 64).Fill((byte)'0');
        Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(manifest))).CopyTo(manifest, at + 13);
        return manifest;
    }

    private sealed class Immediate(Action<PackageProgress> action) : IProgress<PackageProgress>
    {
        public void Report(PackageProgress value) => action(value);
    }
}
