using System.Diagnostics;
using System.Globalization;

namespace OnDeviceSora.Cli.Tests;

/// <summary>The real program, killed with SIGKILL while it saves its state, and resumed.</summary>
public sealed class KilledProcessTests : IDisposable
{
    private const int Frames = 17;
    private static readonly string[] Generation =
        ["generate", "a red circle", "--frames", "17", "--size", "32x32", "--steps", "8", "--leap", "auto", "--leap-min-steps", "3", "--leap-patience", "3", "--merge-steps", "3"];

    private readonly string _folder = Directory.CreateTempSubdirectory("sora-killed-").FullName;
    private readonly Random _random = new(20_241_121);

    [ProgramFact]
    public async Task Killed_at_ten_random_moments_every_resumed_video_is_the_uninterrupted_one()
    {
        // The uninterrupted run tells how long there is something to kill.
        using var whole = Start("whole");
        await WaitForStateAsync("whole");
        var clock = Stopwatch.StartNew();
        Assert.Equal(0, (await whole.EndAsync()).Code);
        var duration = clock.Elapsed;

        var endings = new List<int>();
        for (int i = 0; i < 10; i++)
        {
            string name = $"run{i}";
            using (var sora = Start(name))
            {
                await WaitForStateAsync(name);
                // One moment in each tenth, so that the denoising, the decoding and the writing all have theirs.
                endings.Add(await KillAfter(sora, duration * ((i + _random.NextDouble()) / 10)));
            }

            if (i % 3 == 0)
            {
                using var resumed = SoraProcess.Start(_folder, null, "resume", name + ".state");
                await KillAfter(resumed, duration * (0.3 + _random.NextDouble()));
            }

            var (code, output, error) = await SoraProcess.RunAsync(_folder, null, "resume", name + ".state");
            Assert.True(code == 0, $"{name}: {error}");
            Assert.Equal(Path.Combine(_folder, name), output.Trim());
            AssertSameVideo(name);
        }

        Assert.Contains(137, endings);
    }

    [ProgramFact]
    public async Task The_same_command_goes_on_too_and_another_one_is_refused()
    {
        using (var sora = Start("whole", checkpoint: false))
            Assert.Equal(0, (await sora.EndAsync()).Code);
        using (var sora = Start("run"))
        {
            await sora.WaitForAsync("denoising");
            sora.Signal("KILL");
            await sora.EndAsync();
        }

        var other = await SoraProcess.RunAsync(_folder, null, "generate", "a blue square", "--checkpoint", "run.state", "-o", "other.png");
        Assert.Equal(2, other.Code);
        Assert.Contains("--checkpoint: ", other.Error, StringComparison.Ordinal);
        Assert.Contains("'a red circle'", other.Error, StringComparison.Ordinal);

        using (var again = Start("run"))
            Assert.Equal(0, (await again.EndAsync()).Code);
        AssertSameVideo("run");

        // Complete: the video is named, and made again when it is gone.
        var complete = await SoraProcess.RunAsync(_folder, null, "resume", "run.state");
        Assert.Equal((0, Path.Combine(_folder, "run")), (complete.Code, complete.Output.Trim()));
        Assert.Contains("complete already", complete.Error, StringComparison.Ordinal);
        Directory.Delete(Path.Combine(_folder, "run"), recursive: true);
        Assert.Equal(0, (await SoraProcess.RunAsync(_folder, null, "resume", "run.state")).Code);
        AssertSameVideo("run");

        // What is asked for beside the video is made although the video is there.
        Assert.Equal(0, (await SoraProcess.RunAsync(_folder, null, "resume", "run.state", "--save-latents", "l.safetensors", "--timeline", "t.json")).Code);
        Assert.True(File.Exists(Path.Combine(_folder, "l.safetensors")) && File.Exists(Path.Combine(_folder, "t.json")));
        AssertSameVideo("run");

        // Something else has its name by now: nothing is lost, and -o helps.
        Directory.Delete(Path.Combine(_folder, "run"), recursive: true);
        File.WriteAllText(Path.Combine(_folder, "run"), "someone else's");
        var taken = await SoraProcess.RunAsync(_folder, null, "resume", "run.state");
        Assert.Equal(4, taken.Code);
        Assert.Contains("name another with -o", taken.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await SoraProcess.RunAsync(_folder, null, "resume", "run.state", "-o", "elsewhere/")).Code);
        AssertSameVideo("elsewhere");
    }

    [ProgramFact]
    public async Task Interrupted_it_says_how_to_go_on()
    {
        // Long enough not to be over before the signal comes.
        using var sora = SoraProcess.Start(_folder, null, ["generate", "a red circle", "--frames", "17", "--size", "32x32", "--steps", "500", "--leap", "off", "-o", "run/", "--checkpoint", "run.state"]);
        await sora.WaitForAsync("denoising");
        sora.Signal("INT");
        var (code, _, error) = await sora.EndAsync();
        Assert.Equal(130, code);
        Assert.Contains($"sora resume \"{Path.Combine(_folder, "run.state")}\"", error, StringComparison.Ordinal);
    }

    private static async Task<int> KillAfter(SoraProcess sora, TimeSpan delay)
    {
        await Task.Delay(delay);
        sora.Signal("KILL");
        return (await sora.EndAsync()).Code;
    }

    private SoraProcess Start(string name, bool checkpoint = true) =>
        SoraProcess.Start(_folder, null, [.. Generation, "-o", name + "/", .. checkpoint ? (string[])["--checkpoint", name + ".state"] : []]);

    private async Task WaitForStateAsync(string name)
    {
        for (var clock = Stopwatch.StartNew(); !File.Exists(Path.Combine(_folder, name + ".state", GenerationCheckpoint.FileName)); await Task.Delay(5))
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), "no state was saved");
    }

    // The pictures carry the request, the steps and the similarities, so these are compared, too.
    private void AssertSameVideo(string name)
    {
        for (int i = 0; i < Frames; i++)
        {
            string picture = string.Create(CultureInfo.InvariantCulture, $"frame-{i + 1:00000}.png");
            Assert.Equal(File.ReadAllBytes(Path.Combine(_folder, "whole", picture)), File.ReadAllBytes(Path.Combine(_folder, name, picture)));
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
