using System.Globalization;

namespace OnDeviceSora.Checkpoints;

/// <summary>
/// Saved latents: a safetensors file with a single-precision tensor <c>latents</c> [channels, frames, height, width] and
/// the request as JSON in its metadata, so that a long sampling survives whatever happens to the decoding. How they were
/// sampled stands there too: the tensor <c>similarities</c>, and <c>executedSteps</c>, <c>leapStep</c>, <c>decodeTile</c> and
/// <c>model</c> in the metadata.
/// </summary>
public static class LatentsFile
{
    /// <summary>The most latents a file may hold (1 GiB of memory); far more than any video the models can make.</summary>
    public const long MaximumElements = 256L * 1024 * 1024;

    private const string Tensor = "latents", FormatKey = "format", RequestKey = "request";
    private const string ExecutedStepsKey = "executedSteps", LeapStepKey = "leapStep", DecodeTileKey = "decodeTile", ModelKey = "model", Similarities = "similarities";
    private const string Format = "on-device-sora latents 1";

    /// <summary>Writes latents; the file appears only when it is complete.</summary>
    /// <param name="path">Where; an existing file is replaced.</param>
    /// <param name="latents">The latents.</param>
    /// <exception cref="OutputException">The file cannot be written.</exception>
    public static void Save(string path, VideoLatents latents)
    {
        ArgumentNullException.ThrowIfNull(latents);
        var writer = new SafetensorsWriter()
            .AddMetadata(FormatKey, Format)
            .AddMetadata(RequestKey, VideoRequestJson.Serialize(latents.Request))
            .Add(Tensor, [latents.Channels, latents.LatentFrames, latents.LatentHeight, latents.LatentWidth], latents.Values);
        if (latents.Model is { } model) writer.AddMetadata(ModelKey, model);
        AddNumber(DecodeTileKey, latents.DecodeTile);
        if (latents.Sampling is { } sampling)
        {
            AddNumber(ExecutedStepsKey, sampling.ExecutedSteps);
            AddNumber(LeapStepKey, sampling.LeapStep);
            writer.Add(Similarities, [sampling.Similarities.Count], sampling.Similarities.ToArray());
        }
        writer.Save(path);

        void AddNumber(string key, int? value)
        {
            if (value is { } number) writer.AddMetadata(key, number.ToString(CultureInfo.InvariantCulture));
        }
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
        return new VideoLatents(values, (int)shape[0], (int)shape[1], (int)shape[2], (int)shape[3], parsed)
        {
            Sampling = ReadSampling(file),
            Model = file.Metadata.GetValueOrDefault(ModelKey),
            DecodeTile = Number(file, DecodeTileKey, minimum: 1),
        };
    }

    private static SamplingSummary? ReadSampling(SafetensorsFile file)
    {
        if (Number(file, ExecutedStepsKey, minimum: 1) is not { } steps) return null;
        float[] similarities = [];
        if (file.Tensors.TryGetValue(Similarities, out var tensor))
        {
            if (tensor.ElementType != ElementType.F32 || tensor.Elements >= steps)
                throw new InvalidFileException(file.Path, $"the similarities are {tensor.ElementType.Name()} {tensor.ShapeText}; they must be F32, at most {steps - 1} for {steps} steps");
            similarities = new float[tensor.Elements];
            file.ReadAsFloat32(tensor, similarities);
        }
        return new SamplingSummary(steps, Number(file, LeapStepKey, minimum: 0), similarities, new Dictionary<GenerationStage, TimeSpan>());
    }

    private static int? Number(SafetensorsFile file, string key, int minimum)
    {
        if (!file.Metadata.TryGetValue(key, out var text)) return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= minimum
            ? number
            : throw new InvalidFileException(file.Path, $"the metadata '{key}' is {Describe.Quote(text)}; it must be a whole number, {minimum} or more");
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
