using OnDeviceSora.Evaluation.Similarity;
using OnDeviceSora.Media;

namespace OnDeviceSora.Evaluation.Tests.Similarity;

/// <summary>The values themselves are held to the reference's in Goldens/metrics.</summary>
public sealed class SimilarityTests
{
    [Fact]
    public void A_picture_is_as_like_itself_as_can_be()
    {
        var picture = Noise(1, 20, 13);
        Assert.Equal(1, StructuralSimilarity.Of(picture, picture), 1e-12);
        Assert.Equal(PeakSignalToNoise.OfEqual, PeakSignalToNoise.Of(picture, picture));
    }

    [Fact]
    public void One_byte_of_all_sets_the_ratio()
    {
        var (black, gray) = (new VideoFrame(11, 11, new byte[363]), new VideoFrame(11, 11, [.. Enumerable.Repeat((byte)51, 363)]));
        // An error of a fifth everywhere: 20 log10 5.
        Assert.Equal(20 * Math.Log10(5), PeakSignalToNoise.Of(black, gray), 1e-12);
        // Without any structure only the means differ: C1 / (0.2^2 + C1).
        Assert.Equal(1e-4 / (0.04 + 1e-4), StructuralSimilarity.Of(black, gray), 1e-9);
    }

    [Fact]
    public void A_video_s_similarity_is_the_mean_of_its_frames()
    {
        VideoFrame[] a = [Noise(1, 16, 16), Noise(2, 16, 16)], b = [Noise(1, 16, 16), Noise(3, 16, 16)];
        var similarity = VideoSimilarity.Of(a, b);
        Assert.Equal((1 + StructuralSimilarity.Of(a[1], b[1])) / 2, similarity.Ssim, 1e-12);
        Assert.Equal((100 + PeakSignalToNoise.Of(a[1], b[1])) / 2, similarity.Psnr, 1e-12);
    }

    [Fact]
    public void Pictures_of_different_or_too_small_sizes_are_refused()
    {
        Assert.Throws<ArgumentException>(() => StructuralSimilarity.Of(Noise(1, 12, 13), Noise(1, 13, 12)));
        Assert.Throws<ArgumentException>(() => StructuralSimilarity.Of(Noise(1, 10, 20), Noise(1, 10, 20)));
        Assert.Throws<ArgumentException>(() => PeakSignalToNoise.Of(Noise(1, 12, 13), Noise(1, 13, 12)));
        Assert.Throws<ArgumentException>(() => VideoSimilarity.Of([], []));
        Assert.Throws<ArgumentException>(() => VideoSimilarity.Of([Noise(1, 12, 12)], []));
    }

    private static VideoFrame Noise(int seed, int width, int height)
    {
        var rgb = new byte[3 * width * height];
        new Random(seed).NextBytes(rgb);
        return new VideoFrame(width, height, rgb);
    }
}
