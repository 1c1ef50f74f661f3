using System.Text.Json;

namespace OnDeviceSora.Cli.Tests;

/// <summary><c>sora convert</c>, <c>sora verify</c> and what <c>sora inspect</c> says of a package, on the small model.</summary>
public sealed class PackageCommandTests : IDisposable
{
    private readonly CommandRun _run = new();

    [ProgramFact]
    public async Task A_model_is_converted_verified_and_inspected()
    {
        Assert.Equal(0, await _run.Of("convert", SoraProcess.Model!, _run["p"]));
        Assert.Equal(_run["p"], _run.Output.Trim());
        Assert.Contains("text_encoder.safetensors: relative L2 error of 15 layers", _run.Error, StringComparison.Ordinal);
        Assert.Contains("DenseReluDense", _run.Error, StringComparison.Ordinal);
        Assert.Equal(["p"], _run.Names);

        Assert.Equal(0, await _run.Of("verify", _run["p"]));
        Assert.Contains("sound, 5 files", _run.Output, StringComparison.Ordinal);

        Assert.Equal(0, await _run.Of("inspect", _run["p"]));
        Assert.Contains("device package 'opensora-tiny', format 1", _run.Output, StringComparison.Ordinal);
        Assert.Contains("text encoder int8, transformer bf16, autoencoder fp32", _run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("not used", _run.Output, StringComparison.Ordinal);
        Assert.Equal(0, await _run.Of("inspect", _run["p"], "--json"));
        using var inspection = JsonDocument.Parse(_run.Output);
        Assert.Equal("int8", inspection.RootElement.GetProperty("package").GetProperty("precision").GetProperty("textEncoder").GetString());
    }

    [ProgramFact]
    public async Task Json_gives_progress_and_every_layers_error_and_damage_by_block()
    {
        Assert.Equal(0, await _run.Of("convert", SoraProcess.Model!, _run["p"], "--text-encoder", "bf16", "--transformer", "fp16", "--vae", "bf16", "--json"));
        var lines = Lines();
        Assert.Equal("progress", lines[0].GetProperty("event").GetString());
        var package = lines[^1].GetProperty("package");
        Assert.Equal(("bf16", "fp16", "bf16"), (Precision("textEncoder"), Precision("transformer"), Precision("vae")));
        Assert.InRange(package.GetProperty("errors").GetArrayLength(), 100, 400);

        using (var file = new FileStream(Path.Combine(_run["p"], "transformer.safetensors"), FileMode.Open))
        {
            file.Position = file.Length / 2;
            int value = file.ReadByte();
            file.Position--;
            file.WriteByte((byte)~value);
        }

        Assert.Equal(3, await _run.Of("verify", _run["p"], "--json"));
        var problem = Assert.Single(Lines()[^1].GetProperty("problems").EnumerateArray());
        Assert.Equal("transformer.safetensors", problem.GetProperty("file").GetString());
        Assert.Matches("^(spatial|temporal)_blocks", problem.GetProperty("block").GetString());
        Assert.Equal(3, await _run.Of("verify", _run["p"], "--quiet"));
        Assert.Empty(_run.Output);
        Assert.Contains("transformer.safetensors, block ", _run.Error, StringComparison.Ordinal);

        string? Precision(string model) => package.GetProperty("precision").GetProperty(model).GetString();
    }

    [ProgramFact]
    public async Task An_int8_transformer_is_a_package_like_any_other()
    {
        Assert.Equal(0, await _run.Of("convert", SoraProcess.Model!, _run["p"], "--transformer", "int8"));
        Assert.Equal(0, await _run.Of("verify", _run["p"], "--quiet"));
        Assert.Equal(0, await _run.Of("inspect", _run["p"]));
        Assert.Contains("text encoder int8, transformer int8, autoencoder fp32", _run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("not used", _run.Output, StringComparison.Ordinal);
        Assert.Equal(0, await _run.Of("convert", _run["p"], _run["again"], "--transformer", "int8", "--quiet"));
        Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(_run["p"], "transformer.safetensors")), await File.ReadAllBytesAsync(Path.Combine(_run["again"], "transformer.safetensors")));
    }

    [ProgramFact]
    public async Task An_existing_package_needs_force()
    {
        Assert.Equal(0, await _run.Of("convert", SoraProcess.Model!, _run["p"], "--quiet"));
        Assert.Empty(_run.Error + _run.Output);
        Assert.Equal(4, await _run.Of("convert", SoraProcess.Model!, _run["p"]));
        Assert.Contains("--force", _run.Error, StringComparison.Ordinal);
        Assert.Equal(0, await _run.Of("convert", SoraProcess.Model!, _run["p"], "--force", "--text-encoder", "fp32"));
        Assert.Equal(["p"], _run.Names);
    }

    [ProgramFact]
    public async Task Cancelled_work_says_so_and_leaves_nothing()
    {
        Assert.Equal(130, await _run.Of(["convert", SoraProcess.Model!, _run["p"]], interactive: false, new CancellationToken(canceled: true)));
        Assert.Equal("sora: cancelled; no package was written", _run.Error.Trim());
        Assert.Empty(_run.Names);
    }

    [Theory]
    [InlineData(2, "--vae 'int8': it must be fp32, bf16 or fp16", "convert", "a", "b", "--vae", "int8")]
    [InlineData(2, "--text-encoder 'int4': it must be fp32, bf16, fp16 or int8", "convert", "a", "b", "--text-encoder", "int4")]
    [InlineData(2, "convert", "convert", "a")]
    [InlineData(3, "does not exist", "convert", "/nowhere/at/all", "b")]
    [InlineData(3, "does not exist", "verify", "/nowhere/at/all")]
    public async Task Nonsense_gives_one_line(int code, string words, params string[] arguments)
    {
        Assert.Equal(code, await _run.Of(arguments));
        Assert.Contains(words, _run.Error, StringComparison.Ordinal);
        Assert.Single(_run.Error.TrimEnd().Split('\n'));
        Assert.Empty(_run.Output);
    }

    [Fact]
    public async Task A_file_is_no_model_folder()
    {
        await File.WriteAllTextAsync(_run["file"], "");
        foreach (string[] arguments in (string[][])[["verify", _run["file"]], ["convert", _run["file"], _run["p"]]])
        {
            Assert.Equal(3, await _run.Of(arguments));
            Assert.Contains("this is a file", _run.Error, StringComparison.Ordinal);
        }
    }

    public void Dispose() => _run.Dispose();

    private List<JsonElement> Lines() => [.. _run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
}
