using System.Text;
using System.Text.Json;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Cli;

/// <summary>An inspection as one JSON object.</summary>
internal static class InspectionJson
{
    public static string Of(ModelInspection inspection)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("path", inspection.Path);
            json.WriteBoolean("modelFolder", inspection.IsModelFolder);
            json.WriteBoolean("complete", inspection.IsComplete);
            json.Write("missingParts", inspection.MissingParts);
            if (inspection.Manifest is { } manifest)
                PackageJson.Write(json, "package", manifest);
            json.WriteStartArray("checkpoints");
            foreach (var checkpoint in inspection.Checkpoints)
                Write(json, checkpoint);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void Write(Utf8JsonWriter json, CheckpointInspection checkpoint)
    {
        json.WriteStartObject();
        json.WriteString("path", checkpoint.Path);
        json.WriteString("model", checkpoint.Kind.ToString());
        json.WriteBoolean("complete", checkpoint.IsComplete);
        json.WriteString("problem", checkpoint.Problem);
        json.WriteString("config", checkpoint.ConfigPath);
        json.WriteNumber("elements", checkpoint.Parameters);
        json.WriteNumber("bytes", checkpoint.Bytes);
        json.Write("missing", checkpoint.Fit?.Missing ?? []);
        json.Write("unused", checkpoint.Fit?.Unexpected ?? []);
        json.Write("mismatched", checkpoint.Fit?.Mismatched ?? []);
        json.WriteStartArray("tensors");
        foreach (var tensor in checkpoint.Tensors)
            Write(json, tensor);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, TensorInfo tensor)
    {
        json.WriteStartObject();
        json.WriteString("name", tensor.Name);
        json.WriteString("type", tensor.ElementType.ToString());
        json.WriteStartArray("shape");
        foreach (long size in tensor.Shape)
            json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteNumber("bytes", tensor.ByteLength);
        json.WriteString("file", tensor.File);
        json.WriteEndObject();
    }
}
