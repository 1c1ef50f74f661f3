using OnDeviceSora.Acceleration;

namespace OnDeviceSora.Tests.Pipeline;

/// <summary>Requests that cannot be honoured are refused at the door, each with what would be right.</summary>
public sealed class RequestValidationTests : IDisposable
{
    private readonly VideoPipeline _pipeline = VideoPipeline.Open(EmbeddedModel.Folder);

    public static TheoryData<string, VideoRequest, string, string> Refused => new()
    {
        { "empty prompt", Ask with { Prompt = "" }, "Prompt", "empty" },
        { "blank prompt", Ask with { Prompt = " \n\t" }, "Prompt", "empty" },
        { "endless prompt", Ask with { Prompt = new string('x', 40_000) }, "Prompt", "32768" },
        { "width not a multiple", Ask with { Width = 65 }, "Width", "multiple of 8" },
        { "height zero", Ask with { Height = 0 }, "Height", "multiple of 8" },
        { "negative width", Ask with { Width = -64 }, "Width", "nearest: 8" },
        { "huge width", Ask with { Width = 1 << 20 }, "Width", "4096" },
        { "no frames", Ask with { Frames = 0 }, "Frames", "1 to 4096" },
        { "negative frames", Ask with { Frames = -5 }, "Frames", "1 to 4096" },
        { "absurd frames", Ask with { Frames = int.MaxValue }, "Frames", "1 to 4096" },
        { "more than memory", Ask with { Frames = 4096, Width = 4096, Height = 4096 }, "Frames", "GB" },
        { "no speed", Ask with { FramesPerSecond = 0 }, "FramesPerSecond", "1 to 120" },
        { "no steps", Ask with { Steps = 0 }, "Steps", "1 to 1000" },
        { "absurd steps", Ask with { Steps = 100_000 }, "Steps", "1 to 1000" },
        { "guidance not a number", Ask with { GuidanceScale = float.NaN }, "GuidanceScale", "0 to 100" },
        { "infinite guidance", Ask with { GuidanceScale = float.PositiveInfinity }, "GuidanceScale", "0 to 100" },
        { "negative guidance", Ask with { GuidanceScale = -1 }, "GuidanceScale", "0 to 100" },
        { "negative seed", Ask with { Seed = -1 }, "Seed", "0 or more" },
        { "too many merged steps", Ask with { Steps = 10, MergeSteps = 11 }, "MergeSteps", "0 to 10" },
        { "negative merged steps", Ask with { MergeSteps = -1 }, "MergeSteps", "0 to 30" },
        { "leap behind the end", Ask with { Steps = 10, Leap = LeapSettings.At(10) }, "Leap", "0 to 9" },
        { "leap before the start", Ask with { Leap = LeapSettings.At(-1) }, "Leap", "0 to 29" },
        { "no patience", Ask with { Leap = new LeapSettings.Dynamic { Patience = 0 } }, "Leap", "at least 1" },
        { "no minimum", Ask with { Leap = new LeapSettings.Dynamic { MinimumSteps = 0 } }, "Leap", "at least 1" },
        { "tolerance not a number", Ask with { Leap = new LeapSettings.Dynamic { Tolerance = float.NaN } }, "Leap", "0 to 1" },
        { "references", Ask with { Prompt = "a cat{\"reference_path\": \"x.png\"}" }, "Prompt", "not supported" },
    };

    private static VideoRequest Ask => new() { Prompt = "a red circle" };

    public void Dispose() => _pipeline.Dispose();

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Is_refused_by_name(string what, VideoRequest request, string parameter, string says)
    {
        var error = await Assert.ThrowsAsync<InvalidRequestException>(() => _pipeline.GenerateAsync(request));
        Assert.True(error.Parameter == parameter, $"{what}: refused {error.Parameter}: {error.Message}");
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Defaults_come_from_the_model_and_what_is_given_stays()
    {
        var resolved = _pipeline.Resolve(Ask with { Steps = 7 });
        Assert.Equal((64, 64, 34, 12, 7), (resolved.Width, resolved.Height, resolved.Frames, resolved.FramesPerSecond, resolved.Steps));
        Assert.NotNull(resolved.GuidanceScale);
        Assert.Equal(resolved, _pipeline.Resolve(resolved));
    }

    [Theory]
    [InlineData("😀 ❤️ \u202Eright to left\u0000 null 中文 العربية")]
    [InlineData("\uD800 lone surrogate")]
    public async Task Any_unicode_is_a_prompt(string prompt)
    {
        var video = await _pipeline.GenerateAsync(EmbeddedModel.Small with { Prompt = prompt, Steps = 1, Frames = 1 });
        Assert.Single(video.Frames);
    }

    [Fact]
    public async Task Ten_thousand_words_are_cut_to_what_the_model_reads()
    {
        var prompt = string.Join(' ', Enumerable.Repeat("sea", 8000));
        var video = await _pipeline.GenerateAsync(EmbeddedModel.Small with { Prompt = prompt, Steps = 1, Frames = 1 });
        Assert.Single(video.Frames);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(5000)]
    public void Threads_out_of_range_are_refused(int threads)
    {
        var error = Assert.Throws<InvalidRequestException>(() => VideoPipeline.Open(EmbeddedModel.Folder, new PipelineOptions { Threads = threads }));
        Assert.Equal("Threads", error.Parameter);
    }

    [Fact]
    public async Task Latents_of_another_size_are_refused()
    {
        var latents = new VideoLatents(new float[4 * 5 * 4 * 4], 4, 5, 4, 4, Ask with { Frames = 34 });
        var error = await Assert.ThrowsAsync<InvalidRequestException>(() => _pipeline.DecodeAsync(latents));
        Assert.Contains("4 x 10 x 8 x 8", error.Message, StringComparison.Ordinal);
    }
}
