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
            if (model.SmallestMemory is { } memory) json.WriteNumber("smallestMemory", memory);
            else json.WriteNull("smallestMemory");
            json.WriteString("needs", ModelsText.Needs(model));
            json.Write("parts", model.Parts);
            json.Write("problems", model.Problems);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
