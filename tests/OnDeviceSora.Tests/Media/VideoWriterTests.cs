using OnDeviceSora.Media;

namespace OnDeviceSora.Tests.Media;

public sealed class VideoWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("clip.gif", ".gif")]
    [InlineData("clip", "no ending")]
    [InlineData("", "no usable name")]
    [InlineData("a\0b.mp4", "no usable name")]
    public async Task An_ending_that_cannot_be_written_is_refused(string name, string words)
    {
        string path = name.Length == 0 ? name : _folder[name];
        var error = await Assert.ThrowsAsync<InvalidRequestException>(() => VideoWriter.WriteAsync(SampleVideo.Frames(), 12, path));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Contains(".mp4, .png or .apng", error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidRequestException>(() => VideoWriter.EnsureWritable(path));
    }

    [Fact]
    public async Task A_missing_folder_is_named()
    {
        string path = _folder["no/such/clip.png"];
        var error = await Assert.ThrowsAsync<OutputException>(() => VideoWriter.WriteAsync(SampleVideo.Frames(), 12, path));
        Assert.Contains(_folder["no/such"] + " does not exist", error.Message, StringComparison.Ordinal);
        Assert.Throws<OutputException>(() => VideoWriter.EnsureWritable(path));
    }

    [Fact]
    public async Task A_name_that_is_too_long_is_refused_and_the_longest_possible_one_is_written()
    {
        var error = await Assert.ThrowsAsync<OutputException>(() =>
            VideoWriter.WriteAsync(SampleVideo.Frames(), 12, _folder[new string('x', 300) + ".png"]));
        Assert.Contains("name", error.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.Names);

        await VideoWriter.WriteAsync(SampleVideo.Frames(), 12, _folder[new string('x', 250) + ".png"]);
        Assert.Single(_folder.Names);
    }

    [Fact]
    public void A_check_before_the_work_leaves_nothing_behind()
    {
        VideoWriter.EnsureWritable(_folder["clip.mp4"]);
        VideoWriter.EnsureWritable(_folder["frames"] + "/");
        VideoWriter.EnsureWritable(_folder.Path);
        Assert.Empty(_folder.Names);
    }

    [Fact]
    public async Task Frames_that_do_not_fit_together_are_refused()
    {
        VideoFrame small = SampleVideo.Noise(4, 4, 1), large = SampleVideo.Noise(8, 4, 1), cut = small with { Rgb = new byte[5] };
        foreach (VideoFrame[] frames in (VideoFrame[][])[[], [small, large], [cut], [small with { Width = -4, Height = -4 }]])
            await Assert.ThrowsAsync<InvalidRequestException>(() => VideoWriter.WriteAsync(frames, 12, _folder["clip.png"]));
        foreach (int framesPerSecond in (int[])[0, -1, 1001])
            await Assert.ThrowsAsync<InvalidRequestException>(() => VideoWriter.WriteAsync([small], framesPerSecond, _folder["clip.png"]));
        Assert.Empty(_folder.Names);
    }

    [Fact]
    public async Task A_cancelled_write_leaves_nothing_and_keeps_the_file_that_was_there()
    {
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();
        await File.WriteAllTextAsync(_folder["clip.png"], "before");
        foreach (string output in (string[])[_folder["clip.png"], _folder["clip.mp4"], _folder["frames"] + "/"])
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
                VideoWriter.WriteAsync(SampleVideo.Frames(), 12, output, cancellation: cancel.Token));
        }

        Assert.Equal(["clip.png"], _folder.Names);
        Assert.Equal("before", await File.ReadAllTextAsync(_folder["clip.png"]));
    }

    [Fact]
    public async Task A_foreign_json_beside_the_video_is_not_replaced()
    {
        await File.WriteAllTextAsync(_folder["clip.json"], "{\"name\":\"my package\"}");
        var written = await VideoWriter.WriteAsync(SampleVideo.Generated(), _folder["clip.png"]);
        Assert.Equal(_folder["clip.png.json"], written.SettingsPath);

        // A second run replaces its own files and only those.
        await VideoWriter.WriteAsync(SampleVideo.Generated(), _folder["clip.png"]);
        Assert.Equal(["clip.json", "clip.png", "clip.png.json"], _folder.Names);
        Assert.Equal("{\"name\":\"my package\"}", await File.ReadAllTextAsync(_folder["clip.json"]));
    }

    [Fact]
    public async Task A_video_whose_settings_cannot_stand_beside_it_is_not_written()
    {
        await File.WriteAllTextAsync(_folder["clip.json"], "mine");
        await File.WriteAllTextAsync(_folder["clip.png.json"], "mine too");
        await Assert.ThrowsAsync<OutputException>(() => VideoWriter.WriteAsync(SampleVideo.Generated(), _folder["clip.png"]));
        Assert.Equal(["clip.json", "clip.png.json"], _folder.Names);
    }

    [Fact]
    public void Errors_of_the_system_become_sentences()
    {
        const int noSpace = 28;
        int code = OperatingSystem.IsWindows() ? unchecked((int)0x80070070) : noSpace;
        Assert.Contains("no space left", OutputErrors.Describe("x.mp4", new IOException("raw", code)).Message, StringComparison.Ordinal);
        Assert.Contains("no permission", OutputErrors.Describe("x.mp4", new UnauthorizedAccessException()).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
