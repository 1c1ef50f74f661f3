using System.Text.Json;
using OnDeviceSora.Sizes;
using OnDeviceSora.Text;

namespace OnDeviceSora.Tests.Text;

public static partial class TextGoldens
{
    /// <summary>Kind <c>prompt.helpers</c>: calls of the reference's small functions; where the reference raises, this library must refuse.</summary>
    public static void PromptHelpers(JsonElement root, string folder)
    {
        foreach (var call in root.GetProperty("calls").EnumerateArray())
        {
            if (call.TryGetProperty("error", out _))
                Assert.ThrowsAny<InvalidRequestException>(() => Call(call));
            else
                AssertSameJson(call.GetRawText(), call.GetProperty("result"), JsonSerializer.SerializeToElement(Call(call)));
        }
    }

    private static object? Call(JsonElement call)
    {
        string function = call.GetProperty("fn").GetString()!;
        var args = call.GetProperty("args");
        var named = call.GetProperty("kwargs");
        return function switch
        {
            "append_score_to_prompts" => Texts(args[0]).Select(Scores(named).AppendTo).ToArray(),
            "extract_json_from_prompts" => ExtractJson(Texts(args[0]), Texts(args[1]), Texts(args[2])),
            "split_prompt" => Split(args[0].GetString()!),
            "merge_prompt" => new PromptSegments(Texts(args[0]), args.GetArrayLength() > 1 ? Numbers(args[1]) : null).Merge(),
            "extract_prompts_loop" => Texts(args[0]).Select(prompt => PromptSegments.Parse(prompt).ForLoop(args[1].GetInt32())).ToArray(),
            "parse_mask_strategy" => ParseStrategy(args[0].GetString()),
            "find_nearest_point" => MaskStrategy.Snap(args[0].GetInt32(), args[1].GetInt32(), args[2].GetInt32()),
            "dframe_to_frame" => FrameCounts.FromLatentFrames(args[0].GetInt32()),
            "get_save_path_name" => args[0].GetString() + "/" + Name(named),
            _ => throw new NotSupportedException($"The golden calls '{function}', which no test knows."),
        };
    }

    private static PromptScores Scores(JsonElement named) => new()
    {
        Aesthetic = Optional(named, "aes") is { } aesthetic ? aesthetic.GetDouble() : null,
        Motion = Optional(named, "flow") is { } motion ? motion.GetDouble() : null,
        CameraMotion = Optional(named, "camera_motion")?.GetString(),
    };

    private static string[][] ExtractJson(string[] prompts, string[] references, string[] strategies)
    {
        var tails = prompts.Select(PromptTail.Split).ToArray();
        return
        [
            [.. tails.Select(tail => tail.Words)],
            [.. tails.Select((tail, i) => tail.ReferencePath ?? references[i])],
            [.. tails.Select((tail, i) => tail.MaskStrategy ?? strategies[i])],
        ];
    }

    private static object?[] Split(string prompt)
    {
        var segments = PromptSegments.Parse(prompt);
        return [segments.Texts, segments.Starts];
    }

    private static object[][] ParseStrategy(string? text) =>
    [
        .. MaskStrategy.Parse(text).Select(group => new object[]
        {
            group.Loop, group.Reference, group.ReferenceStart, group.TargetStart, group.Length, group.EditRatio,
        }),
    ];

    private static string Name(JsonElement named)
    {
        string? name = Optional(named, "sample_name")?.GetString();
        int? take = named.GetProperty("num_sample").GetInt32() == 1 ? null : named.GetProperty("k").GetInt32();
        return named.GetProperty("prompt_as_path").GetBoolean()
            ? SampleName.ByPrompt(named.GetProperty("prompt").GetString()!, name ?? "", take)
            : SampleName.ByIndex(named.GetProperty("sample_idx").GetInt32(), name ?? "sample", take);
    }

    private static JsonElement? Optional(JsonElement from, string name) =>
        from.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string[] Texts(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetString()!)];

    // JSON numbers compare by value: the reference writes 0.0 where this library writes 0.
    private static void AssertSameJson(string what, JsonElement expected, JsonElement actual) =>
        Assert.True(JsonElement.DeepEquals(expected, actual), $"{what}: found {actual.GetRawText()}");
}
