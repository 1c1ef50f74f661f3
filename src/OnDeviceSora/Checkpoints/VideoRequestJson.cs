using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using OnDeviceSora.Acceleration;

namespace OnDeviceSora.Checkpoints;

/// <summary>
/// A request as JSON: what is stored in saved latents and beside a video, so that the same video can be made again. Members
/// that are <c>null</c> are left out. <c>leap</c> is <c>"off"</c>, <c>{"step": 15}</c>, or
/// <c>{"minimumSteps": 14, "tolerance": 0.001, "patience": 3}</c>.
/// </summary>
public static class VideoRequestJson
{
    private const string Prompt = "prompt", Width = "width", Height = "height", Frames = "frames";
    private const string FramesPerSecond = "framesPerSecond", Steps = "steps", GuidanceScale = "guidanceScale";
    private const string Seed = "seed", Leap = "leap", MergeSteps = "mergeSteps";

    private static readonly string[] Members =
        [Prompt, Width, Height, Frames, FramesPerSecond, Steps, GuidanceScale, Seed, Leap, MergeSteps];

    // Prompts in any language stay readable; this JSON is never put inside HTML unescaped.
    private static readonly JsonWriterOptions Options =
        new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The request as an indented JSON object.</summary>
    /// <param name="request">The request.</param>
    public static string Serialize(VideoRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString(Prompt, request.Prompt);
            Write(json, Width, request.Width);
            Write(json, Height, request.Height);
            Write(json, Frames, request.Frames);
            Write(json, FramesPerSecond, request.FramesPerSecond);
            Write(json, Steps, request.Steps);
            if (request.GuidanceScale is { } scale) json.WriteNumber(GuidanceScale, scale);
            json.WriteNumber(Seed, request.Seed);
            LeapJson.Write(json, Leap, request.Leap);
            json.WriteNumber(MergeSteps, request.MergeSteps);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads a request back.</summary>
    /// <param name="json">The object that <see cref="Serialize"/> wrote; <c>prompt</c> is required, the rest may be missing.</param>
    /// <param name="path">The file it comes from, for messages.</param>
    /// <exception cref="InvalidFileException">Not JSON, or a member is missing, unknown, twice there, or of the wrong kind.</exception>
    public static VideoRequest Parse(string json, string path)
    {
        ArgumentNullException.ThrowIfNull(json);
        using var document = JsonFile.Parse(path, Encoding.UTF8.GetBytes(json));
        return Parse(document.RootElement, path);
    }

    /// <summary>Reads a request from JSON that is already parsed.</summary>
    /// <param name="json">The object.</param>
    /// <param name="path">The file it comes from, for messages.</param>
    /// <exception cref="InvalidFileException">A member is missing, unknown or of the wrong kind.</exception>
    internal static VideoRequest Parse(JsonElement json, string path)
    {
        RequireKnown(json, Members, path, "the request");
        if (!json.TryGetProperty(Prompt, out var prompt))
            throw new InvalidFileException(path, $"the request has no '{Prompt}'");
        var text = JsonFile.Text(path, Prompt, prompt);
        if (text.Length > VideoRequest.MaximumPromptLength)
            throw new InvalidFileException(path, $"'{Prompt}' has {text.Length} characters; at most {VideoRequest.MaximumPromptLength} are accepted");
        return new VideoRequest
        {
            Prompt = text,
            Width = Integer(json, Width, 1, path),
            Height = Integer(json, Height, 1, path),
            Frames = Integer(json, Frames, 1, path),
            FramesPerSecond = Integer(json, FramesPerSecond, 1, path),
            Steps = Integer(json, Steps, 1, path),
            GuidanceScale = Real(json, GuidanceScale, path),
            Seed = Long(json, Seed, 0, long.MaxValue, path) ?? 42,
            Leap = json.TryGetProperty(Leap, out var leap) ? LeapJson.Parse(leap, path) : LeapSettings.Automatic,
            MergeSteps = Integer(json, MergeSteps, 0, path) ?? 0,
        };
    }

    /// <summary>Refuses members with names that mean nothing: they are misspelt, or from a later version.</summary>
    internal static void RequireKnown(JsonElement json, string[] known, string path, string what)
    {
        foreach (var member in json.EnumerateObject())
        {
            if (!known.Contains(member.Name, StringComparer.Ordinal))
                throw new InvalidFileException(path, $"{what} has the unknown member {Describe.Quote(member.Name)}; known are {string.Join(", ", known)}");
        }
    }

    internal static int? Integer(JsonElement json, string key, int minimum, string path) =>
        (int?)Long(json, key, minimum, int.MaxValue, path);

    internal static float? Real(JsonElement json, string key, string path)
    {
        if (!json.TryGetProperty(key, out var value)) return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out var number) && float.IsFinite(number)
            ? number
            : throw Wrong(key, value, "a number", path);
    }

    private static long? Long(JsonElement json, string key, long minimum, long maximum, string path)
    {
        if (!json.TryGetProperty(key, out var value)) return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= minimum && number <= maximum
            ? number
            : throw Wrong(key, value, string.Create(CultureInfo.InvariantCulture, $"an integer from {minimum} to {maximum}"), path);
    }

    private static InvalidFileException Wrong(string key, JsonElement value, string right, string path) =>
        new(path, $"'{key}' is {Describe.Quote(value.GetRawText())}; it must be {right}");

    private static void Write(Utf8JsonWriter json, string key, int? value)
    {
        if (value is { } number) json.WriteNumber(key, number);
    }
}
