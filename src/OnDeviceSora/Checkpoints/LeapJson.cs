using System.Text.Json;
using OnDeviceSora.Acceleration;

namespace OnDeviceSora.Checkpoints;

/// <summary>The leap settings of a request as JSON; see <see cref="VideoRequestJson"/> for the form.</summary>
internal static class LeapJson
{
    private const string Off = "off", Step = "step";
    private const string MinimumSteps = "minimumSteps", Tolerance = "tolerance", Patience = "patience";

    /// <summary>Writes the settings under a key.</summary>
    public static void Write(Utf8JsonWriter json, string key, LeapSettings leap)
    {
        switch (leap)
        {
            case LeapSettings.Fixed at:
                json.WriteStartObject(key);
                json.WriteNumber(Step, at.Step);
                json.WriteEndObject();
                break;
            case LeapSettings.Dynamic dynamic:
                json.WriteStartObject(key);
                json.WriteNumber(MinimumSteps, dynamic.MinimumSteps);
                json.WriteNumber(Tolerance, dynamic.Tolerance);
                json.WriteNumber(Patience, dynamic.Patience);
                json.WriteEndObject();
                break;
            default:
                json.WriteString(key, Off);
                break;
        }
    }

    /// <summary>Reads the settings back.</summary>
    /// <exception cref="InvalidFileException">They have another form.</exception>
    public static LeapSettings Parse(JsonElement leap, string path)
    {
        if (leap.ValueKind == JsonValueKind.String && JsonFile.Text(path, "leap", leap) == Off) return LeapSettings.Off;
        if (leap.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidFileException(path,
                $"'leap' is {Describe.Quote(leap.GetRawText())}; it must be \"off\", {{\"step\": N}}, or an object with {MinimumSteps}, {Tolerance} and {Patience}");
        }

        if (leap.TryGetProperty(Step, out _))
        {
            VideoRequestJson.RequireKnown(leap, [Step], path, "'leap' with a fixed step");
            return LeapSettings.At(VideoRequestJson.Integer(leap, Step, 0, path)!.Value);
        }

        VideoRequestJson.RequireKnown(leap, [MinimumSteps, Tolerance, Patience], path, "'leap'");
        var defaults = new LeapSettings.Dynamic();
        var tolerance = VideoRequestJson.Real(leap, Tolerance, path) ?? defaults.Tolerance;
        if (tolerance is < 0 or > 1) throw new InvalidFileException(path, $"'{Tolerance}' must be from 0 to 1");
        return new LeapSettings.Dynamic
        {
            MinimumSteps = VideoRequestJson.Integer(leap, MinimumSteps, 1, path) ?? defaults.MinimumSteps,
            Tolerance = tolerance,
            Patience = VideoRequestJson.Integer(leap, Patience, 1, path) ?? defaults.Patience,
        };
    }
}
