using OnDeviceSora.Checkpoints;
using OnDeviceSora.Hub;
using OnDeviceSora.Installed;
using OnDeviceSora.Tests.Checkpoints;
using OnDeviceSora.Tests.Hub;

namespace OnDeviceSora.Tests.Installed;

public sealed class InstalledModelsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_whole_folder_is_usable_and_a_package_is_told_by_its_manifest()
    {
        SmallModel.Write(_folder);
        var model = InstalledModels.Folder(_folder.Path);
        Assert.True(model.IsUsable, string.Join('\n', model.Problems));
        Assert.Equal(InstalledKind.Folder, model.Kind);
        Assert.All(model.Parts, part => Assert.Equal("BF16", part.Precision));
        Assert.InRange(model.SmallestMemory!.Value, 70_000_000, 4_000_000_000);
        _folder.Write("manifest.json", "{}");
        Assert.Equal(InstalledKind.Package, InstalledModels.Folder(_folder.Path).Kind);
    }

    [Fact]
    public void Missing_tensors_are_named()
    {
        SmallModel.Write(_folder);
        SmallModel.Write(_folder["transformer.safetensors"], TensorNames.STDiT3(SmallModel.Config.Transformer).Where(tensor => tensor.Name != "t_block.1.weight"));
        var model = InstalledModels.Folder(_folder.Path);
        Assert.False(model.IsUsable);
        Assert.Contains(model.Problems, problem => problem.Contains("'t_block.1.weight'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pulled_model_is_whole_but_must_be_converted()
    {
        SmallModel.Write(_folder);
        var repositories = LocalHubRepository.OpenSora(1000);
        byte[] Read(string name) => File.ReadAllBytes(_folder[name]);
        repositories[0].Files["model.safetensors"] = Read("transformer.safetensors");
        repositories[1].Files["model.safetensors"] = Read("vae.safetensors");
        foreach (var shard in repositories[2].Files.Keys.Where(name => name.StartsWith("text_encoder/model", StringComparison.Ordinal)).ToList()) repositories[2].Files.Remove(shard);
        repositories[2].Files["text_encoder/model.safetensors"] = Read("text_encoder.safetensors");
        foreach (var repository in repositories)
        {
            foreach (var config in repository.Files.Keys.Where(name => name.EndsWith("config.json", StringComparison.Ordinal)).ToList()) repository.Files[config] = "{}"u8.ToArray();
        }

        await using var hub = await LocalHub.StartAsync(repositories);
        var settings = new HubSettings(hub.Endpoint, _folder["cache"]);
        Assert.Empty(InstalledModels.List(_folder["nowhere"], settings));
        await ModelPull.RunAsync("opensora-v1.2", new PullOptions { Hub = settings });
        var model = Assert.Single(InstalledModels.List(_folder["nowhere"], settings));
        Assert.True(model.IsWhole, string.Join('\n', model.Problems));
        Assert.False(model.IsUsable);
        Assert.Equal(["BF16", "BF16", "BF16"], model.Parts.Select(part => part.Precision));
        Assert.Contains(model.Parts, part => part.Source == $"hpcai-tech/OpenSora-VAE-v1.2@{repositories[1].Commit}");

        File.Delete(Path.Combine(PulledModel.Find("opensora-v1.2", settings).Vae.Folder, "config.json"));
        Assert.Contains("hpcai-tech/OpenSora-VAE-v1.2/config.json", Assert.Throws<InvalidModelException>(() => PulledModel.Find("opensora-v1.2", settings)).Message, StringComparison.Ordinal);
        Assert.False(Assert.Single(InstalledModels.List(_folder["nowhere"], settings)).IsWhole);
    }

    public void Dispose() => _folder.Dispose();
}
