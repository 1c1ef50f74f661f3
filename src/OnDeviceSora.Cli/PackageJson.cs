using System.Text.Json;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Cli;

/// <summary>A package's manifest in JSON output.</summary>
internal static class PackageJson
{
    public static void Write(Utf8JsonWriter json, string key, PackageManifest manifest)
    {
        json.WriteStartObject(key);
        json.WriteString("name", manifest.Name);
        json.WriteNumber("formatVersion", PackageManifest.FormatVersion);
        json.WriteNumber("bytes", manifest.Bytes);
        json.WriteStartObject("precision");
        json.WriteString("textEncoder", manifest.Precision.TextEncoder.Name());
        json.WriteString("transformer", manifest.Precision.Transformer.Name());
        json.WriteString("vae", manifest.Precision.Vae.Name());
        json.WriteEndObject();
        json.WriteStartObject("sourceRevisions");
        foreach (var (repository, commit) in manifest.SourceRevisions)
            json.WriteString(repository, commit);
        json.WriteEndObject();
        json.Write("files", manifest.Files);
        json.Write("errors", manifest.Errors);
        json.WriteEndObject();
    }
}
