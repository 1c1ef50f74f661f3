using OnDeviceSora.Hub;

namespace OnDeviceSora.Tests.Hub;

public sealed class HubSettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Without_variables_it_is_the_public_hub_and_the_usual_cache()
    {
        var settings = From();
        Assert.Equal("https://huggingface.co/", settings.Endpoint.AbsoluteUri);
        Assert.EndsWith(Path.Combine(".cache", "huggingface", "hub"), settings.CacheFolder, StringComparison.Ordinal);
    }

    [Fact]
    public void The_variables_of_other_tools_are_honoured()
    {
        _folder.Write("token", "hf_file\n");
        Assert.Equal("hf_file", From(("HF_HOME", _folder.Path)).Token);
        Assert.Equal(_folder["hub"], From(("HF_HOME", _folder.Path)).CacheFolder);
        Assert.Equal("hf_variable", From(("HF_HOME", _folder.Path), ("HF_TOKEN", " hf_variable ")).Token);
        Assert.Equal(_folder["cache"], From(("HF_HOME", "elsewhere"), ("HF_HUB_CACHE", _folder["cache"])).CacheFolder);
        Assert.Equal("http://mirror.example:81/hub/", From(("HF_ENDPOINT", "http://mirror.example:81/hub")).Endpoint.AbsoluteUri);
        Assert.Null(From(("HF_HOME", _folder["nowhere"])).Token);
    }

    [Theory]
    [InlineData("HF_ENDPOINT", "huggingface.co")]
    [InlineData("HF_ENDPOINT", "ftp://huggingface.co")]
    [InlineData("HF_ENDPOINT", "https://user:password@huggingface.co")]
    [InlineData("HF_TOKEN", "two words")]
    [InlineData("HF_TOKEN", "a\r\nHeader: b")]
    public void Values_that_make_no_sense_are_refused(string name, string value) =>
        Assert.Contains(name, Assert.Throws<InvalidRequestException>(() => From((name, value))).Message, StringComparison.Ordinal);

    [Fact]
    public void Files_are_chosen_by_what_a_part_needs()
    {
        var part = PublishedModel.OpenSora.Parts[0];
        Assert.Equal(["config.json", "model.safetensors"],
            FileSelection.Choose(part, ["README.md", "config.json", "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin"]).Files);
        Assert.Equal(["config.json", "diffusion_pytorch_model.safetensors"],
            FileSelection.Choose(part, ["config.json", "diffusion_pytorch_model.safetensors", "x/model.safetensors"]).Files);
        Assert.Equal(["model-00002-of-00003.safetensors"],
            FileSelection.Choose(part, ["config.json", "model.safetensors.index.json", "model-00001-of-00003.safetensors", "model-00003-of-00003.safetensors"]).Missing);
        Assert.Single(FileSelection.Choose(part, ["config.json", "model.safetensors.index.json"]).Missing);
        Assert.Equal(2, FileSelection.Choose(part, ["pytorch_model.bin"]).Missing.Count);
    }

    [Fact]
    public void Waits_double_stay_bounded_and_follow_the_server()
    {
        var policy = RetryPolicy.Default;
        Assert.InRange(policy.Delay(1, null).TotalSeconds, 0.375, 0.625);
        Assert.InRange(policy.Delay(3, null).TotalSeconds, 1.5, 2.5);
        Assert.InRange(policy.Delay(1000, null).TotalSeconds, 22.5, 37.5);
        Assert.Equal(TimeSpan.FromSeconds(90), policy.Delay(1, TimeSpan.FromSeconds(90)));
        Assert.True(policy.Delay(1, TimeSpan.FromSeconds(-5)) > TimeSpan.Zero);
    }

    public void Dispose() => _folder.Dispose();

    private static HubSettings From(params (string Name, string Value)[] variables) =>
        HubSettings.From(name => variables.FirstOrDefault(variable => variable.Name == name).Value);
}
