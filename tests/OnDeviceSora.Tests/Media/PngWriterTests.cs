using OnDeviceSora.Media;

namespace OnDeviceSora.Tests.Media;

public sealed class PngWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [NeedsFfmpegFact]
    public async Task A_still_picture_decodes_to_the_same_pixels()
    {
        foreach (var (width, height) in new[] { (1, 1), (2, 1), (1, 3), (5, 7), (64, 48) })
        {
            var frame = SampleVideo.Noise(width, height, seed: width);
            await VideoWriter.WriteAsync([frame], 12, _folder["still.png"]);
            Assert.Equal(frame.Rgb, Ffmpeg.Decode(_folder["still.png"]));
        }
    }

    [NeedsFfmpegFact]
    public async Task Every_row_filter_decodes_to_the_same_pixels()
    {
        // Constant, horizontal, vertical, diagonal and noisy areas make the heuristic choose each filter somewhere.
        var frame = SampleVideo.Frame(40, 60, (x, y) => (y / 12) switch
        {
            0 => (200, 10, 30),
            1 => ((byte)(x * 6), (byte)(x * 3), (byte)x),
            2 => ((byte)(x * x * 7), (byte)(x * x * 13), (byte)(x * 91)),
            3 => ((byte)((x + y) * 3), (byte)((x + y) * 3), (byte)((x + y) * 3)),
            _ => ((byte)((x * 7919) ^ (y * 104729)), (byte)(x * y * 31), (byte)(x ^ (y * 77))),
        });
        await VideoWriter.WriteAsync([frame], 12, _folder["still.png"]);
        Assert.Equal(frame.Rgb, Ffmpeg.Decode(_folder["still.png"]));
    }

    [NeedsFfmpegFact]
    public async Task An_animation_decodes_to_the_same_frames_at_the_same_speed()
    {
        var frames = SampleVideo.Frames(33, 17, 9);
        var written = await VideoWriter.WriteAsync(frames, 12, _folder["clip.apng"]);

        Assert.Equal(VideoFormat.Png, written.Format);
        Assert.Equal(frames.SelectMany(frame => frame.Rgb), Ffmpeg.Decode(_folder["clip.apng"]));
        string probe = Ffmpeg.Probe(_folder["clip.apng"]);
        Assert.Contains("codec_name=apng", probe, StringComparison.Ordinal);
        Assert.Contains("nb_read_frames=9", probe, StringComparison.Ordinal);
        Assert.Contains("r_frame_rate=12/1", probe, StringComparison.Ordinal);
    }

    [NeedsFfmpegFact]
    public async Task A_folder_holds_every_frame_and_the_settings()
    {
        var frames = SampleVideo.Frames();
        var written = await VideoWriter.WriteAsync(SampleVideo.Generated(), _folder["clip"] + "/");

        Assert.Equal(VideoFormat.PngFolder, written.Format);
        Assert.Equal(8, Directory.GetFiles(_folder["clip"]).Length);
        Assert.Equal(frames[6].Rgb, Ffmpeg.Decode(Path.Combine(_folder["clip"], "frame-00007.png")));
        Assert.Equal(SampleVideo.Request, VideoSettingsReader.Read(_folder["clip"]).Request);
    }

    [Fact]
    public async Task A_shorter_video_in_the_same_folder_leaves_no_pictures_of_the_longer_one()
    {
        await VideoWriter.WriteAsync(SampleVideo.Frames(8, 8, 5), 12, _folder["clip"] + "/");
        await File.WriteAllTextAsync(Path.Combine(_folder["clip"], "mine.txt"), "kept");
        await VideoWriter.WriteAsync(SampleVideo.Frames(8, 8, 2), 12, _folder["clip"]);

        Assert.Equal(
            ["frame-00001.png", "frame-00002.png", "mine.txt"],
            Directory.GetFileSystemEntries(_folder["clip"]).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void The_checksum_is_that_of_the_specification()
    {
        var crc = new Crc32();
        crc.Append("1234"u8);
        crc.Append("56789"u8);
        Assert.Equal(0xCBF43926u, crc.Value);
    }

    public void Dispose() => _folder.Dispose();
}
