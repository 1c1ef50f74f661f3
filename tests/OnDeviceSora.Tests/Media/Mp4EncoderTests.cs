using OnDeviceSora.Media;

namespace OnDeviceSora.Tests.Media;

public sealed class Mp4EncoderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [NeedsFfmpegFact]
    public async Task Colours_come_back_within_a_few_levels()
    {
        (byte R, byte G, byte B)[] colours =
            [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (128, 128, 128), (200, 120, 40), (255, 255, 0)];
        var frames = Enumerable.Repeat(SampleVideo.Frame(128, 32, (x, _) => colours[x / 16]), 5).ToArray();
        await VideoWriter.WriteAsync(frames, 12, _folder["clip.mp4"]);

        byte[] decoded = Ffmpeg.Decode(_folder["clip.mp4"]);
        Assert.Equal(5 * 128 * 32 * 3, decoded.Length);
        for (int i = 0; i < colours.Length; i++)
        {
            int middle = ((16 * 128) + (i * 16) + 8) * 3;
            Assert.InRange(decoded[middle], colours[i].R - 4, colours[i].R + 4);
            Assert.InRange(decoded[middle + 1], colours[i].G - 4, colours[i].G + 4);
            Assert.InRange(decoded[middle + 2], colours[i].B - 4, colours[i].B + 4);
        }
    }

    [NeedsFfmpegFact]
    public async Task The_file_is_one_that_browsers_play_and_carries_title_and_settings()
    {
        var written = await VideoWriter.WriteAsync(SampleVideo.Generated(), _folder["clip.mp4"]);

        string probe = Ffmpeg.Probe(_folder["clip.mp4"]);
        foreach (string line in (string[])[
            "codec_name=h264", "pix_fmt=yuv420p", "color_range=tv", "color_space=bt709", "color_primaries=bt709",
            "color_transfer=bt709", "r_frame_rate=12/1", "nb_read_frames=7", "width=48", "height=32",
            "TAG:title=a big red circle = \"moving\"; #left\\over  the sea \u00e9\u6d77\ud83c\udf0a"])
            Assert.Contains(line + "\n", probe, StringComparison.Ordinal);

        using var stream = File.OpenRead(_folder["clip.mp4"]);
        var order = Mp4Boxes.Between(stream, 0, stream.Length).Select(box => box.Type).ToList();
        Assert.True(order.IndexOf("moov") < order.IndexOf("mdat"), "the index must come before the media");
        Assert.Equal(VideoSettings.Embedded(SampleVideo.Generated()), Mp4CommentReader.Read(stream));
        Assert.Equal(_folder["clip.json"], written.SettingsPath);
        Assert.Equal(["clip.json", "clip.mp4"], _folder.Names);
        Assert.Null(written.Note);
    }

    [NeedsFfmpegFact]
    public async Task The_same_video_gives_the_same_file()
    {
        await VideoWriter.WriteAsync(SampleVideo.Generated(), _folder["a.mp4"]);
        await VideoWriter.WriteAsync(SampleVideo.Generated(), _folder["b.mp4"]);
        Assert.Equal(await File.ReadAllBytesAsync(_folder["a.mp4"]), await File.ReadAllBytesAsync(_folder["b.mp4"]));
    }

    [NeedsFfmpegFact]
    public async Task Odd_and_tiny_sizes_are_padded_to_even_ones()
    {
        foreach (var (width, height) in new[] { (1, 1), (33, 17), (8, 8), (16, 9) })
        {
            await VideoWriter.WriteAsync(SampleVideo.Frames(width, height, 1), 24, _folder["odd.mp4"]);
            Assert.Equal((width + 1) / 2 * 2 * ((height + 1) / 2 * 2) * 3, Ffmpeg.Decode(_folder["odd.mp4"]).Length);
        }
    }

    [NeedsFfmpegFact]
    public async Task The_longest_prompt_survives_and_so_do_odd_file_names()
    {
        var request = SampleVideo.Request with { Prompt = string.Concat(Enumerable.Repeat("\u6d77=;", VideoRequest.MaximumPromptLength / 3)) };
        string name = _folder["-clip: 100%d 'x' [1].mp4"];
        await VideoWriter.WriteAsync(SampleVideo.Generated(request), name);
        File.Delete(Path.ChangeExtension(name, ".json"));
        Assert.Equal(request, VideoSettingsReader.Read(name).Request);
    }

    [NeedsShellFact]
    public async Task An_encoder_that_fails_is_quoted_and_leaves_nothing()
    {
        await AssertRefused("cat >/dev/null; echo first >&2; echo Unknown encoder libx264 >&2; exit 3", "exit code 3", "Unknown encoder libx264");
        await AssertRefused("exit 4", "exit code 4", "said nothing");
    }

    [NeedsShellFact]
    public async Task An_encoder_that_claims_success_without_a_video_is_not_believed()
    {
        await AssertRefused("cat >/dev/null; exit 0", "no complete video");
        await AssertRefused("for last; do :; done; cat >/dev/null; echo half > \"${last#file:}\"; exit 0", "no complete video");
        await AssertRefused("exit 0", "ffmpeg");
    }

    [NeedsShellFact]
    public async Task An_encoder_that_hangs_is_killed_with_its_children()
    {
        string pid = _folder["../" + Path.GetFileName(_folder.Path) + ".pid"];
        try
        {
            foreach (string hang in (string[])["sleep 300 & echo $! > PID; wait", "cat >/dev/null; sleep 300 & echo $! > PID; while :; do echo alive; sleep 0.02; done"])
            {
                await AssertRefused(TimeSpan.FromSeconds(3), hang.Replace("PID", pid, StringComparison.Ordinal), "made no progress for 3 s");
                AssertEnded(int.Parse(await File.ReadAllTextAsync(pid), System.Globalization.CultureInfo.InvariantCulture));
            }
        }
        finally
        {
            File.Delete(pid);
        }
    }

    [NeedsShellFact]
    public async Task Cancelling_kills_the_encoder_and_leaves_nothing()
    {
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        var options = new VideoWriterOptions { Ffmpeg = Script("sleep 300") };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            VideoWriter.WriteAsync(SampleVideo.Generated(), _folder["clip.mp4"], options, cancel.Token));
        Assert.Equal(["ffmpeg"], _folder.Names);
    }

    [Fact]
    public async Task Without_ffmpeg_an_animated_png_is_written_and_the_result_says_so()
    {
        var options = new VideoWriterOptions { Ffmpeg = _folder["nowhere"] };
        var written = await VideoWriter.WriteAsync(SampleVideo.Generated(), _folder["clip.mp4"], options);

        Assert.Equal(_folder["clip.png"], written.Path);
        Assert.Contains("animated PNG", written.Note, StringComparison.Ordinal);
        Assert.Equal(["clip.json", "clip.png"], _folder.Names);
        Assert.Equal(SampleVideo.Request, VideoSettingsReader.Read(_folder["clip.png"]).Request);
    }

    [Fact]
    public async Task The_png_that_stands_in_for_an_mp4_replaces_no_foreign_picture()
    {
        await File.WriteAllTextAsync(_folder["clip.png"], "someone's picture");
        var written = await VideoWriter.WriteAsync(SampleVideo.Generated(), _folder["clip.mp4"], new VideoWriterOptions { Ffmpeg = _folder["nowhere"] });

        Assert.Equal(_folder["clip-2.png"], written.Path);
        Assert.Equal("someone's picture", await File.ReadAllTextAsync(_folder["clip.png"]));
    }

    private Task AssertRefused(string script, params string[] words) => AssertRefused(TimeSpan.FromMinutes(1), script, words);

    private async Task AssertRefused(TimeSpan timeout, string script, params string[] words)
    {
        var options = new VideoWriterOptions { Ffmpeg = Script(script), EncoderTimeout = timeout };
        // Frames larger than a pipe holds, so that an encoder that does not read blocks the writer.
        var video = SampleVideo.Generated(frames: SampleVideo.Frames(256, 256, 4));
        var error = await Assert.ThrowsAsync<OutputException>(() => VideoWriter.WriteAsync(video, _folder["clip.mp4"], options));
        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
        Assert.Equal(["ffmpeg"], _folder.Names);
    }

    private string Script(string body)
    {
        File.WriteAllText(_folder["ffmpeg"], "#!/bin/sh\n" + body + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_folder["ffmpeg"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return _folder["ffmpeg"];
    }

    private static void AssertEnded(int pid)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(pid);
            Assert.True(process.WaitForExit(5000), "the encoder's child still runs");
        }
        catch (ArgumentException)
        {
            // There is no such process any more.
        }
    }

    public void Dispose() => _folder.Dispose();
}
