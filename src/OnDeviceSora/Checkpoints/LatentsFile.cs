namespace OnDeviceSora.Checkpoints;

/// <summary>
/// Saved latents: a safetensors file with one single-precision tensor <c>latents</c> [channels, frames, height, width] and
/// the request as JSON in its metadata, so that a long sampling survives whatever happens to the decoding.
/// </summary>
public static class LatentsFile
{
    /// <summary>The most latents a file may hold (1 GiB of memory); far more than any video the models can make.</summary>
    public const long MaximumElements = 256L * 1024 * 1024;

    private const string Tensor = "latents", FormatKey = "format", RequestKey = "request";
    private const string Format = "on-device-sora latents 1";

    /// <summary>Writes latents; the file appears only when it is complete.</summary>
    /// <param name="path">Where; an existing file is replaced.</param>
    /// <param name="latents">The latents.</param>
    /// <exception cref="OutputException">The file cannot be written.</exception>
    public static void Save(string path, VideoLatents latents)
    {
        ArgumentNullException.ThrowIfNull(latents);
        new SafetensorsWriter()
            .AddMetadata(FormatKey, Format)
            .AddMetadata(RequestKey, VideoRequestJson.Serialize(latents.Request))
            .Add(Tensor, [latents.Channels, latents.LatentFrames, latents.LatentHeight, latents.LatentWidth], latents.Values)
            .Save(path);
    }

    /// <summary>Reads latents that <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidFileException">The file is missing, damaged, or holds something else.</exception>
    public static VideoLatents Load(string path)
    {
        using var file = SafetensorsFile.Open(path);
        if (!file.Metadata.TryGetValue(FormatKey, out var format) || format != Format)
            throw new InvalidFileException(path, $"this is a safetensors file, but not of saved latents (its metadata '{FormatKey}' must be '{Format}')");
        if (!file.Metadata.TryGetValue(RequestKey, out var request))
            throw new InvalidFileException(path, $"the metadata has no '{RequestKey}'");
        if (!file.Tensors.TryGetValue(Tensor, out var tensor))
            throw new InvalidFileException(path, $"there is no tensor '{Tensor}'");
        RequireShape(path, tensor);

        var parsed = VideoRequestJson.Parse(request, path);
        var values = new float[tensor.Elements];
        file.ReadAsFloat32(tensor, values);
        RequireFinite(path, values);
        var shape = tensor.Shape;
        return new VideoLatents(values, (int)shape[0], (int)shape[1], (int)shape[2], (int)shape[3], parsed);
    }

    private static void RequireShape(string path, TensorInfo tensor)
    {
        if (tensor.ElementType != ElementType.F32)
            throw new InvalidFileException(path, $"the latents are {tensor.ElementType.Name()}; they must be F32");
        if (tensor.Shape.Length != 4 || tensor.Shape.Any(d => d is < 1 or > 1_000_000))
            throw new InvalidFileException(path, $"the latents have the shape {tensor.ShapeText}; it must be [channels, frames, height, width], each at least 1");
        if (tensor.Elements > MaximumElements)
            throw new InvalidFileException(path, $"the latents have {tensor.Elements} elements; at most {MaximumElements} are accepted");
    }

    private static void RequireFinite(string path, float[] values)
    {
        var bad = Array.FindIndex(values, v => !float.IsFinite(v));
        if (bad >= 0) throw new InvalidFileException(path, $"latent {bad} is {values[bad]}; the latents are spoilt");
    }
}
