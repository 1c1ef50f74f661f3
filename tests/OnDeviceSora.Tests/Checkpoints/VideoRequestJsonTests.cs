using OnDeviceSora.Acceleration;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Tests.Checkpoints;

public sealed class VideoRequestJsonTests
{
    public static TheoryData<VideoRequest> Requests => new(
        new VideoRequest { Prompt = "x" },
        new VideoRequest
        {
            Prompt = "\u0000 \"\\ </script> \u00e9 \u6d77 \ud83c\udf0a\n",
            Width = 64,
            Height = 48,
            Frames = 34,
            FramesPerSecond = 12,
            Steps = 30,
            GuidanceScale = 7.1f,
            Seed = long.MaxValue,
            Leap = LeapSettings.Automatic,
            MergeSteps = 15,
        },
        new VideoRequest { Prompt = "y", Leap = LeapSettings.At(0), GuidanceScale = 0, Seed = 0 },
        new VideoRequest { Prompt = "z", Leap = new LeapSettings.Dynamic { MinimumSteps = 2, Tolerance = 1e-7f, Patience = 9 } });

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_request_comes_back_as_it_was(VideoRequest request) =>
        Assert.Equal(request, VideoRequestJson.Parse(VideoRequestJson.Serialize(request), "r.json"));

    [Fact]
    public void Half_a_surrogate_pair_becomes_a_replacement_character()
    {
        var parsed = VideoRequestJson.Parse(VideoRequestJson.Serialize(new VideoRequest { Prompt = "a\ud83cb" }), "r.json");
        Assert.Equal("a\ufffdb", parsed.Prompt);
    }

    [Fact]
    public void What_is_left_out_has_its_default() =>
        Assert.Equal(new VideoRequest { Prompt = "x" }, VideoRequestJson.Parse("{\"prompt\":\"x\"}", "r.json"));

    [Theory]
    [InlineData("{}", "no 'prompt'")]
    [InlineData("[]", "one JSON object")]
    [InlineData("{\"prompt\":1}", "'prompt' must be a string")]
    [InlineData("{\"prompt\":null}", "'prompt' must be a string")]
    [InlineData("{\"prompt\":\"\\ud83c\"}", "surrogate pair")]
    [InlineData("{\"prompt\":\"x\",\"prompt\":\"y\"}", "each key once")]
    [InlineData("{\"prompt\":\"x\",\"framez\":3}", "unknown member 'framez'; known are prompt, width")]
    [InlineData("{\"prompt\":\"x\",\"width\":\"64\"}", "'width' is '\"64\"'; it must be an integer from 1")]
    [InlineData("{\"prompt\":\"x\",\"frames\":0}", "'frames' is '0'")]
    [InlineData("{\"prompt\":\"x\",\"steps\":1.5}", "'steps' is '1.5'")]
    [InlineData("{\"prompt\":\"x\",\"height\":99999999999}", "'height' is")]
    [InlineData("{\"prompt\":\"x\",\"seed\":-1}", "'seed' is '-1'; it must be an integer from 0")]
    [InlineData("{\"prompt\":\"x\",\"guidanceScale\":1e99}", "'guidanceScale' is '1e99'; it must be a number")]
    [InlineData("{\"prompt\":\"x\",\"leap\":\"on\"}", "'leap' is '\"on\"'; it must be")]
    [InlineData("{\"prompt\":\"x\",\"leap\":3}", "'leap' is '3'; it must be")]
    [InlineData("{\"prompt\":\"x\",\"leap\":{\"step\":-1}}", "'step' is '-1'")]
    [InlineData("{\"prompt\":\"x\",\"leap\":{\"step\":1,\"patience\":2}}", "unknown member 'patience'")]
    [InlineData("{\"prompt\":\"x\",\"leap\":{\"patience\":0}}", "'patience' is '0'")]
    [InlineData("{\"prompt\":\"x\",\"leap\":{\"tolerance\":2}}", "'tolerance' must be from 0 to 1")]
    public void What_is_wrong_is_named(string json, string message)
    {
        var error = Assert.Throws<InvalidFileException>(() => VideoRequestJson.Parse(json, "r.json"));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("r.json: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_prompt_that_is_too_long_is_refused()
    {
        var json = $"{{\"prompt\":\"{new string('x', VideoRequest.MaximumPromptLength + 1)}\"}}";
        Assert.Contains("at most 32768", Assert.Throws<InvalidFileException>(() => VideoRequestJson.Parse(json, "r")).Message, StringComparison.Ordinal);
    }
}
