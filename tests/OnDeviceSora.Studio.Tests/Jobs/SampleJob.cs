using OnDeviceSora.Studio.Jobs;

namespace OnDeviceSora.Studio.Tests.Jobs;

/// <summary>A video that waits.</summary>
internal static class SampleJob
{
    public static VideoJob Of(string id) => new()
    {
        Id = id,
        Request = new VideoRequest { Prompt = "a \"red\" circle\n– über dem Meer 🌊", Width = 64, Height = 64, Frames = 34, FramesPerSecond = 12, Steps = 30, GuidanceScale = 2 },
        Model = "opensora-tiny",
        CreatedAt = DateTimeOffset.FromUnixTimeSeconds(1_790_000_000),
        Rank = 0,
        Seconds = "3",
    };
}
