using System.Text.Json;
using OnDeviceSora.Installed;

namespace OnDeviceSora.Cli;

/// <summary>Installed models as JSON.</summary>
internal static class ModelsJson
{
    public static void Write(Utf8JsonWriter json, string folder, IReadOnlyList<InstalledModel> models)
    {
        json.WriteString("modelsFolder", folder);
        json.WriteStartArray("models");
        foreach (var model in models)
        {
            json.WriteStartObject();
            json.WriteString("name", model.Name);
            json.WriteString("kind", ModelsText.Kind(model.Kind));
            json.WriteString("path", model.Path);
            json.WriteNumber("bytes", model.Bytes);
            json.WriteNumber("weightBytes", model.WeightBytes);
            json.WriteBoolean("whole", model.IsWhole);
            json.WriteBoolean("usable", model.IsUsable);
            json.WriteString("needs", ModelsText.Needs(model));
            json.WriteStartArray("parts");
            foreach (var part in model.Parts)
            {
                json.WriteStartObject();
                json.WriteString("name", part.Name);
                json.WriteString("path", part.Path);
                json.WriteString("precision", part.Precision);
                json.WriteNumber("bytes", part.Bytes);
                json.WriteString("source", part.Source);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("problems");
            foreach (string problem in model.Problems)
                json.WriteStringValue(problem);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
