using OnDeviceSora.Studio.Models;

namespace OnDeviceSora.Studio.Tests.Models;

public sealed class TrainedFormatsTests
{
    [Fact]
    public void A_small_model_makes_its_own_size_and_length_only()
    {
        var formats = TrainedFormats.Of(Defaults(64, 64, 34, 12));
        Assert.Equal(["64x64"], formats.Sizes.Select(size => size.ToString()));
        Assert.Equal([new VideoLength("3", 34)], formats.Lengths);
    }

    [Fact]
    public void The_full_model_makes_what_Open_Sora_was_trained_for_the_hosted_sizes_of_720p_included()
    {
        var formats = TrainedFormats.Of(Defaults(424, 240, 51, 24));
        var sizes = formats.Sizes.Select(size => size.ToString()).ToList();
        Assert.Contains("1280x720", sizes);
        Assert.Contains("720x1280", sizes);
        Assert.Contains("424x240", sizes);
        Assert.All(formats.Sizes, size => Assert.True(size.Width % 8 == 0 && size.Height % 8 == 0));
        Assert.Equal(sizes.Count, sizes.Distinct().Count());
        Assert.Equal([new VideoLength("2", 51), new VideoLength("4", 102), new VideoLength("8", 204), new VideoLength("16", 408)], formats.Lengths);
    }

    [Theory]
    [InlineData("64x64", 64, 64)]
    [InlineData("1280x720", 1280, 720)]
    public void Sizes_are_read(string text, int width, int height) => Assert.Equal(new VideoSize(width, height), VideoSize.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("64")]
    [InlineData("x64")]
    [InlineData("64x")]
    [InlineData("0x64")]
    [InlineData("-8x64")]
    [InlineData("64X64")]
    [InlineData("64 x 64")]
    [InlineData("99999999999x1")]
    public void What_is_no_size_is_none(string text) => Assert.Null(VideoSize.Parse(text));

    [Theory]
    [InlineData(34, 12, "3")]
    [InlineData(1, 24, "0.1")]
    [InlineData(17, 24, "0.7")]
    public void Lengths_are_named_by_seconds(int frames, int rate, string seconds) => Assert.Equal(seconds, VideoLength.Of(frames, rate).Seconds);

    private static VideoRequest Defaults(int width, int height, int frames, int rate) => new() { Prompt = "a", Width = width, Height = height, Frames = frames, FramesPerSecond = rate };
}
