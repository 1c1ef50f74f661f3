namespace OnDeviceSora.Cli.Tests;

public sealed class UsageTests : IDisposable
{
    private readonly CommandRun _run = new();

    [Theory]
    [InlineData("command was not provided")]
    [InlineData("frobnicate", "frobnicate")]
    [InlineData("give a prompt", "generate")]
    [InlineData("--steps 'many': it must be a whole number, 1 or more", "generate", "x", "--steps", "many")]
    [InlineData("--steps '0'", "generate", "x", "--steps", "0")]
    [InlineData("--steps '99999999999999999999'", "generate", "x", "--steps", "99999999999999999999")]
    [InlineData("--frames '-3'", "generate", "x", "--frames", "-3")]
    [InlineData("--seed '-1'", "generate", "x", "--seed", "-1")]
    [InlineData("--seed '1.5'", "generate", "x", "--seed", "1.5")]
    [InlineData("--guidance 'NaN'", "generate", "x", "--guidance", "NaN")]
    [InlineData("--guidance '7,5'", "generate", "x", "--guidance", "7,5")]
    [InlineData("--guidance '1e99'", "generate", "x", "--guidance", "1e99")]
    [InlineData("--size '64': it must be width x height", "generate", "x", "--size", "64")]
    [InlineData("--size '64x-8'", "generate", "x", "--size", "64x-8")]
    [InlineData("--size '0x0'", "generate", "x", "--size", "0x0")]
    [InlineData("--size '1x2x3'", "generate", "x", "--size", "1x2x3")]
    [InlineData("--leap 'soon': it must be off, auto, or the index", "generate", "x", "--leap", "soon")]
    [InlineData("--leap '-1'", "generate", "x", "--leap", "-1")]
    [InlineData("--leap-patience needs --leap auto", "generate", "x", "--leap", "15", "--leap-patience", "2")]
    [InlineData("--leap-tolerance needs --leap auto", "generate", "x", "--leap", "off", "--leap-tolerance", "0.1")]
    [InlineData("--threads '0'", "generate", "x", "--threads", "0")]
    [InlineData("--decode-tile '7'", "generate", "x", "--decode-tile", "7")]
    [InlineData("--merge-steps '-1'", "generate", "x", "--merge-steps", "-1")]
    [InlineData("--model", "generate", "x", "--model")]
    [InlineData("--model ''", "generate", "x", "--model", "")]
    [InlineData("exclude each other", "generate", "x", "--json", "--quiet")]
    [InlineData("two", "generate", "one", "two")]
    [InlineData("--nonsense", "generate", "x", "--nonsense")]
    [InlineData("latents", "decode")]
    [InlineData("folder", "resume")]
    [InlineData("<latents> must not be empty", "decode", "")]
    [InlineData("<folder> must not be empty", "resume", "")]
    [InlineData("<path> must not be empty", "inspect", "")]
    [InlineData("<package> must not be empty", "verify", "")]
    [InlineData("<destination> must not be empty", "convert", "a", "")]
    [InlineData("exclude each other", "convert", "a", "b", "--json", "--quiet")]
    [InlineData("exclude each other", "verify", "a", "--json", "-q")]
    [InlineData("--timeline 't.txt': it must be a file that ends with .html or .json", "generate", "x", "--timeline", "t.txt")]
    [InlineData("unrecognized", "resume", "x", "--decode-tile", "16")]
    [InlineData("--force needs --checkpoint", "generate", "x", "--force")]
    public async Task Nonsense_gives_one_line_and_code_2(string words, params string[] arguments)
    {
        Assert.Equal(2, await _run.Of(arguments));
        Assert.Contains(words, _run.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Single(_run.Error.TrimEnd().Split('\n'));
        Assert.Empty(_run.Output);
        Assert.Null(_run.OpenedModel);
    }

    [Theory]
    [InlineData("--size: width 12 is not a multiple of 8", "--size", "12x8")]
    [InlineData("--guidance: guidance must be 0 to 100", "--guidance", "-1")]
    public async Task What_the_model_refuses_is_named_by_its_option(string words, params string[] options)
    {
        Assert.Equal(2, await _run.OnModel(["generate", "x", .. options]));
        Assert.Equal($"sora: {words}", _run.Error.Trim());
        Assert.True(_run.Generator.IsDisposed);
    }

    [Fact]
    public async Task Help_documents_exit_codes_environment_and_what_merging_costs()
    {
        Assert.Equal(0, await _run.Of("--help"));
        foreach (string words in (string[])["130  cancelled", "4    the result could not be written", "SORA_MODEL", "SORA_CACHE", "SORA_FFMPEG", "generate", "decode"])
            Assert.Contains(words, _run.Output, StringComparison.Ordinal);

        Assert.Equal(0, await _run.Of("generate", "--help"));
        string help = string.Join(' ', _run.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        foreach (string option in (string[])["--output", "-o", "--model", "--size", "--frames", "--fps", "--steps", "--guidance", "--seed", "--leap", "--leap-min-steps",
            "--leap-tolerance", "--leap-patience", "--merge-steps", "--threads", "--decode-tile", "--save-latents", "--checkpoint", "--force", "--no-text-cache", "--timeline", "--like", "--json", "--quiet"])
            Assert.Contains(option, help, StringComparison.Ordinal);
        Assert.Contains("costs motion", help, StringComparison.Ordinal);
        Assert.Contains(".23", help, StringComparison.Ordinal);
    }

    public void Dispose() => _run.Dispose();
}
