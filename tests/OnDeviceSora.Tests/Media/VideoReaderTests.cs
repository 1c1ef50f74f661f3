using OnDeviceSora.Media;

namespace OnDeviceSora.Tests.Media;

public sealed class VideoReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NeedsFfmpegFact]
    public async Task What_was_written_is_read_back()
    {
        var frames = Gradients(7, 48, 32);
        await VideoWriter.WriteAsync(frames, 12, _folder["clip.mp4"]);
        var read = await VideoReader.ReadAsync(_folder["clip.mp4"], 48, 32).ToListAsync();
        Assert.Equal(frames.Count, read.Count);
        foreach (var (frame, again) in frames.Zip(read)) Assert.InRange(MeanDifference(frame, again), 0, 2.5);
        Assert.Equal(3, (await VideoReader.ReadAsync(_folder["clip.mp4"], 48, 32).Take(3).ToListAsync()).Count);
    }

    [NeedsFfmpegFact]
    public async Task A_size_that_encoders_pad_is_read_without_the_padding()
    {
        var frames = Gradients(3, 47, 31);
        await VideoWriter.WriteAsync(frames, 12, _folder["clip.mp4"]);
        var read = await VideoReader.ReadAsync(_folder["clip.mp4"], 47, 31).ToListAsync();
        foreach (var (frame, again) in frames.Zip(read)) Assert.InRange(MeanDifference(frame, again), 0, 2.5);
    }

    [NeedsFfmpegFact]
    public async Task What_is_no_video_is_refused_by_name()
    {
        var error = await Assert.ThrowsAsync<InvalidFileException>(() => VideoReader.ReadAsync(_folder.Write("clip.mp4", "no video"), 8, 8).ToListAsync().AsTask());
        Assert.Equal(_folder["clip.mp4"], error.Path);
        await Assert.ThrowsAsync<InvalidFileException>(() => VideoReader.ReadAsync(_folder["nothing.mp4"], 8, 8).ToListAsync().AsTask());
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => VideoReader.ReadAsync(_folder["clip.mp4"], 8, 8, cancelled.Token).ToListAsync().AsTask());
    }

    private static List<VideoFrame> Gradients(int count, int width, int height) =>
        [.. Enumerable.Range(0, count).Select(frame =>
        {
            var rgb = new byte[width * height * 3];
            for (var i = 0; i < width * height; i++) (rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]) = ((byte)(i % width * 5), (byte)(i / width * 7), (byte)(20 + 10 * frame));
            return new VideoFrame(width, height, rgb);
        })];

    private static double MeanDifference(VideoFrame a, VideoFrame b) => a.Rgb.Zip(b.Rgb, (x, y) => Math.Abs(x - y)).Average();
}
