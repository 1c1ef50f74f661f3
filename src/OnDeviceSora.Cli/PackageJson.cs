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
        json.WriteStartArray("files");
        foreach (var file in manifest.Files)
            Write(json, file);
        json.WriteEndArray();
        json.WriteStartArray("errors");
        foreach (var error in manifest.Errors)
        {
            json.WriteStartObject();
            json.WriteString("file", error.File);
            json.WriteString("tensor", error.Tensor);
            json.WriteNumber("relativeL2", error.RelativeL2);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, PackageFile file)
    {
        json.WriteStartObject();
        json.WriteString("name", file.Name);
        json.WriteNumber("size", file.Size);
        json.WriteString("sha256", file.Sha256);
        json.WriteStartArray("blocks");
        foreach (var block in file.Blocks)
        {
            json.WriteStartObject();
            json.WriteString("name", block.Name);
            json.WriteNumber("offset", block.Offset);
            json.WriteNumber("size", block.Size);
            json.WriteString("sha256", block.Sha256);
            json.WriteNumber("tensors", block.Tensors);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
