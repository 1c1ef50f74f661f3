using System.Text.Json;
using OnDeviceSora.Tests.Hub;

namespace OnDeviceSora.Cli.Tests;

/// <summary><c>sora models</c>, and names in place of paths.</summary>
public sealed class ModelsCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sora-models-").FullName;

    [ProgramFact]
    public async Task Lists_the_embedded_model_installed_folders_and_broken_ones()
    {
        CopyModel("mine");
        CopyModel("broken");
        File.Delete(Path.Combine(_folder, "models", "broken", "vae.safetensors"));
        File.WriteAllBytes(Path.Combine(_folder, "models", "broken", "transformer.safetensors"), [1, 2, 3]);
        Directory.CreateDirectory(Path.Combine(_folder, "models", ".work"));

        var (code, output, error) = await Run("models", "--json");
        Assert.True(code == 0, error);
        using var json = JsonDocument.Parse(output);
        var models = json.RootElement.GetProperty("models").EnumerateArray().ToDictionary(model => model.GetProperty("name").GetString()!);
        Assert.Equal(["broken", "mine", "opensora-tiny"], models.Keys.Order());
        Assert.Equal("embedded", models["opensora-tiny"].GetProperty("kind").GetString());
        Assert.True(models["mine"].GetProperty("usable").GetBoolean());
        Assert.Equal(3, models["mine"].GetProperty("parts").GetArrayLength());
        Assert.All(models["mine"].GetProperty("parts").EnumerateArray(), part => Assert.NotNull(part.GetProperty("precision").GetString()));
        Assert.Equal(new DirectoryInfo(Path.Combine(_folder, "models", "mine")).EnumerateFiles().Sum(file => file.Length), models["mine"].GetProperty("bytes").GetInt64());
        Assert.Equal(JsonValueKind.Null, models["broken"].GetProperty("smallestMemory").ValueKind);
        Assert.False(models["broken"].GetProperty("whole").GetBoolean());
        var problems = models["broken"].GetProperty("problems").EnumerateArray().Select(problem => problem.GetString()).ToList();
        Assert.Contains(problems, problem => problem!.Contains("vae.safetensors", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem!.Contains("only 3 bytes long", StringComparison.Ordinal));

        var text = await Run("models");
        Assert.Contains("mine\tfolder\t", text.Output, StringComparison.Ordinal);
        Assert.Contains("broken: missing: vae.safetensors", text.Output, StringComparison.Ordinal);
    }

    [ProgramFact]
    public async Task A_name_stands_for_the_folder_of_an_installed_model()
    {
        CopyModel("mine");
        var (code, output, error) = await Run("inspect", "mine");
        Assert.True(code == 0, error);
        Assert.Contains(Path.Combine(_folder, "models", "mine") + ": a complete model folder", output, StringComparison.Ordinal);
        Assert.Equal(0, (await Run("convert", "mine", "package", "--quiet")).Code);
        Directory.Move(Path.Combine(_folder, "package"), Path.Combine(_folder, "models", "packed"));
        Assert.Equal(0, (await Run("verify", "packed")).Code);

        var generated = await Run("generate", "x", "--model", "mine", "--steps", "1", "--frames", "1", "-o", "x.png");
        Assert.True(generated.Code == 0, generated.Error);
        Assert.Equal(3, (await Run("generate", "x", "--model", "nobody")).Code);
        var pull = await Run("generate", "x", "--model", "opensora-v1.2");
        Assert.Equal(3, pull.Code);
        Assert.Contains("sora pull opensora-v1.2", pull.Error, StringComparison.Ordinal);
    }

    [ProgramFact]
    public async Task The_smallest_memory_of_a_model_suffices_and_little_less_does_not()
    {
        using var json = JsonDocument.Parse((await Run("models", "--json")).Output);
        var embedded = json.RootElement.GetProperty("models")[0];
        long bytes = embedded.GetProperty("smallestMemory").GetInt64();
        Assert.Equal($"{bytes / 1_000_000} MB of memory", embedded.GetProperty("needs").GetString());
        var enough = await Run("plan", "x", "--memory", $"{bytes}B");
        Assert.True(enough.Code == 0, enough.Error);
        Assert.Equal(2, (await Run("plan", "x", "--memory", $"{bytes * 2 / 3}B")).Code);
    }

    [ProgramFact]
    public async Task A_pulled_model_is_listed_with_what_comes_next()
    {
        await using var hub = await LocalHub.StartAsync(LocalHubRepository.OpenSora(200_000));
        var pull = await Run("pull", "opensora-v1.2", hub);
        Assert.True(pull.Code == 0, pull.Error);
        Assert.Contains("convert it first: sora convert opensora-v1.2 DIR", (await Run("generate", "x", "--model", "opensora-v1.2")).Error, StringComparison.Ordinal);

        File.Delete(Directory.EnumerateFiles(_folder, "spiece.model", SearchOption.AllDirectories).Single());
        var (_, output, _) = await Run("models", "--json");
        using var json = JsonDocument.Parse(output);
        var pulled = json.RootElement.GetProperty("models").EnumerateArray().Single(model => model.GetProperty("kind").GetString() == "pulled");
        Assert.Equal("incomplete: sora pull opensora-v1.2", pulled.GetProperty("needs").GetString());
        Assert.Contains(pulled.GetProperty("problems").EnumerateArray(), problem => problem.GetString()!.EndsWith("tokenizer/spiece.model", StringComparison.Ordinal));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void CopyModel(string name)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder, "models", name)).FullName;
        foreach (string file in Directory.EnumerateFiles(SoraProcess.Model!))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
    }

    private Task<(int Code, string Output, string Error)> Run(params string[] arguments) => SoraProcess.RunAsync(_folder, Variables(null), arguments);

    private Task<(int Code, string Output, string Error)> Run(string command, string model, LocalHub hub) => SoraProcess.RunAsync(_folder, Variables(hub), command, model);

    private Dictionary<string, string> Variables(LocalHub? hub) => new()
    {
        ["SORA_HOME"] = _folder,
        ["HF_HOME"] = Path.Combine(_folder, "hf"),
        ["HF_HUB_CACHE"] = "",
        ["HF_TOKEN"] = "",
        ["HF_ENDPOINT"] = hub?.Endpoint.AbsoluteUri ?? "",
    };
}
