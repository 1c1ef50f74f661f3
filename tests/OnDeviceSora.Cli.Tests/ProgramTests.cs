using System.Diagnostics;
using System.Globalization;

namespace OnDeviceSora.Cli.Tests;

/// <summary>The real program, end to end.</summary>
public sealed class ProgramTests : IDisposable
{
    private static readonly string[] Quick = ["--steps", "2", "--frames", "17"];
    private readonly string _folder = Directory.CreateTempSubdirectory("sora-program-").FullName;
    private readonly string _scripts = Directory.CreateTempSubdirectory("sora-scripts-").FullName;

    [ProgramFact]
    public async Task A_sentence_becomes_a_video_and_like_makes_the_same_file_again()
    {
        // ffmpeg may be missing here: then both are PNGs, and must be the same all the same.
        var (code, output, error) = await Run("generate", "a red circle", "--save-latents", "l.safetensors");
        Assert.True(code == 0, error);
        string video = output.Trim();
        Assert.StartsWith(Path.Combine(_folder, "a-red-circle-42."), video, StringComparison.Ordinal);

        var again = await SoraProcess.RunAsync(_folder, null, "generate", "--like", video, "-o", "again.mp4", "--threads", "1");
        Assert.True(again.Code == 0, again.Error);
        Assert.Equal(await File.ReadAllBytesAsync(video), await File.ReadAllBytesAsync(again.Output.Trim()));

        // A second run with the default name leaves the first alone.
        var second = await Run("generate", "a red circle");
        Assert.StartsWith(Path.Combine(_folder, "a-red-circle-42-2."), second.Output, StringComparison.Ordinal);
    }

    [ProgramFact]
    public async Task Saved_latents_decode_to_the_same_pictures()
    {
        Assert.Equal(0, (await Run("generate", "a red circle", "-o", "frames/", "--save-latents", "l.safetensors")).Code);
        var decoded = await SoraProcess.RunAsync(_folder, null, "decode", "l.safetensors", "-o", "decoded/");
        Assert.True(decoded.Code == 0, decoded.Error);
        for (int i = 1; i <= 17; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"frame-{i:00000}.png");
            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(_folder, "frames", name)), await File.ReadAllBytesAsync(Path.Combine(_folder, "decoded", name)));
        }
    }

    [ProgramFact]
    public async Task Interrupting_the_denoising_leaves_nothing()
    {
        foreach (string signal in (string[])["INT", "TERM"])
        {
            using var sora = SoraProcess.Start(_folder, null, "generate", "x", "--steps", "1000", "--leap", "off", "-o", "x.mp4", "--save-latents", "x.safetensors");
            await sora.WaitForAsync("denoising");
            sora.Signal(signal);
            var (code, output, error) = await sora.EndAsync();
            Assert.Equal(130, code);
            Assert.Contains("sora: cancelled; no video was written", error, StringComparison.Ordinal);
            Assert.Equal("", output);
            Assert.Empty(Directory.GetFileSystemEntries(_folder));
        }
    }

    [ProgramFact]
    public async Task Interrupting_a_hanging_encoder_ends_it_too()
    {
        string pid = Path.Combine(_scripts, "pid");
        using var sora = SoraProcess.Start(_folder, Encoder($"sleep 300 & echo $! > {pid}.new; mv {pid}.new {pid}; wait"), ["generate", "x", .. Quick, "-o", "x.mp4"]);
        await sora.WaitForAsync("decoding frames 17/17");
        for (int tries = 0; !File.Exists(pid) && tries < 500; tries++)
            await Task.Delay(20);
        sora.Signal("INT");
        Assert.Equal(130, (await sora.EndAsync()).Code);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
        AssertEnds(int.Parse(await File.ReadAllTextAsync(pid), CultureInfo.InvariantCulture));
    }

    [ProgramFact]
    public async Task A_failing_encoder_gives_code_4_and_the_latents_that_make_the_video_later()
    {
        var (code, _, error) = await SoraProcess.RunAsync(_folder, Encoder("cat > /dev/null; echo out of paint >&2; exit 9"), ["generate", "x", .. Quick, "-o", "x.mp4"]);
        Assert.Equal(4, code);
        Assert.Contains("exit code 9. It said: out of paint", error, StringComparison.Ordinal);
        Assert.Equal(["x.latents.safetensors"], Directory.GetFileSystemEntries(_folder).Select(Path.GetFileName));
        Assert.Equal(0, (await SoraProcess.RunAsync(_folder, null, "decode", "x.latents.safetensors", "-o", "x.png")).Code);
    }

    [ProgramFact]
    public async Task Without_ffmpeg_one_line_says_that_a_png_was_written()
    {
        var (code, output, error) = await SoraProcess.RunAsync(_folder, new Dictionary<string, string> { ["SORA_FFMPEG"] = "/nowhere/ffmpeg" },
            ["generate", "x", .. Quick, "-o", "x.mp4"]);
        Assert.True(code == 0, error);
        Assert.Equal(Path.Combine(_folder, "x.png"), output.Trim());
        Assert.Single(error.Split('\n'), line => line.Contains("animated PNG instead of an MP4", StringComparison.Ordinal));
    }

    [ProgramFact]
    public async Task Bad_models_files_and_outputs_have_their_codes_and_one_line()
    {
        await Refused(3, "nowhere", "generate", "x", "--model", "nowhere");
        await Refused(3, "nowhere", "inspect", "nowhere");
        await Refused(3, "nowhere.safetensors", "decode", "nowhere.safetensors");
        await Refused(3, "nowhere", "resume", "nowhere");
        await Refused(4, "/proc", "generate", "x", "-o", "/proc/x.mp4");
        await Refused(2, "--size", "generate", "x", "--size", "63x64");
        await Refused(2, "prompt", "generate", " ");
        await Refused(2, "--guidance", "generate", "x", "--guidance", "-5");
    }

    [ProgramFact]
    public async Task Inspect_says_that_the_small_model_is_complete()
    {
        var (code, output, error) = await SoraProcess.RunAsync(_folder, null, "inspect", SoraProcess.Model!);
        Assert.True(code == 0, error);
        Assert.Contains("a complete model folder", output, StringComparison.Ordinal);
        Assert.Contains("complete for an STDiT3 transformer", output, StringComparison.Ordinal);

        var json = await SoraProcess.RunAsync(_folder, null, "inspect", SoraProcess.Model!, "--json");
        using var document = System.Text.Json.JsonDocument.Parse(json.Output);
        Assert.True(document.RootElement.GetProperty("complete").GetBoolean());
        Assert.Equal(3, document.RootElement.GetProperty("checkpoints").GetArrayLength());
    }

    private static void AssertEnds(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            Assert.True(process.WaitForExit(5000), "the encoder's child still runs");
        }
        catch (ArgumentException)
        {
            // There is no such process any more.
        }
    }

    private Task<(int Code, string Output, string Error)> Run(params string[] arguments) =>
        SoraProcess.RunAsync(_folder, null, [.. arguments, .. Quick]);

    private async Task Refused(int expected, string words, params string[] arguments)
    {
        var (code, output, error) = await SoraProcess.RunAsync(_folder, null, arguments);
        Assert.True(expected == code, $"code {code}: {error}");
        Assert.Contains(words, error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n'));
        Assert.Equal("", output);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    private Dictionary<string, string> Encoder(string script)
    {
        string path = Path.Combine(_scripts, "ffmpeg");
        File.WriteAllText(path, "#!/bin/sh\n" + script + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new Dictionary<string, string> { ["SORA_FFMPEG"] = path };
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        Directory.Delete(_scripts, recursive: true);
    }
}
