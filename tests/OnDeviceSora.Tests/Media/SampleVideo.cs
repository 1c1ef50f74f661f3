using OnDeviceSora.Media;

namespace OnDeviceSora.Tests.Media;

/// <summary>Videos to write in tests.</summary>
internal static class SampleVideo
{
    public const string Prompt = "a big red circle = \"moving\"; #left\\over\n the sea \u00e9\u6d77\ud83c\udf0a";

    public static VideoRequest Request { get; } = new()
    {
        Prompt = Prompt,
        Width = 48,
        Height = 32,
        Frames = 7,
        FramesPerSecond = 12,
        Steps = 30,
        GuidanceScale = 7.25f,
        Seed = 9_007_199_254_740_993,
        MergeSteps = 3,
    };

    /// <summary>Smooth gradients that move, so that neighbouring frames and pixels differ.</summary>
    public static VideoFrame[] Frames(int width = 48, int height = 32, int count = 7) =>
        [.. Enumerable.Range(0, count).Select(t => Frame(width, height, (x, y) =>
            ((byte)((x * 5) + (t * 9)), (byte)((y * 7) + t), (byte)((x * y) + (t * 31)))))];

    public static VideoFrame Frame(int width, int height, Func<int, int, (byte R, byte G, byte B)> colour)
    {
        var rgb = new byte[width * height * 3];
        for (int i = 0; i < width * height; i++)
            (rgb[3 * i], rgb[(3 * i) + 1], rgb[(3 * i) + 2]) = colour(i % width, i / width);
        return new VideoFrame(width, height, rgb);
    }

    public static VideoFrame Noise(int width, int height, int seed)
    {
        var rgb = new byte[width * height * 3];
        new Random(seed).NextBytes(rgb);
        return new VideoFrame(width, height, rgb);
    }

    public static GeneratedVideo Generated(VideoRequest? request = null, IReadOnlyList<VideoFrame>? frames = null)
    {
        request ??= Request;
        return new GeneratedVideo
        {
            Frames = frames ?? Frames(),
            Request = request,
            Model = "opensora-tiny 0123abcd",
            Timings = new Dictionary<GenerationStage, TimeSpan> { [GenerationStage.Denoising] = TimeSpan.FromSeconds(1.5) },
            PeakTensorBytes = 1000,
            PeakResidentBytes = 2000,
            ExecutedSteps = 16,
            LeapStep = 15,
            Similarities = [0.5f, 0.75f, float.NaN],
            Latents = new VideoLatents(new float[16], 4, 1, 2, 2, request),
        };
    }
}
