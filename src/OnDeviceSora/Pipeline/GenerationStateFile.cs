using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using OnDeviceSora.Acceleration;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Diffusion;

namespace OnDeviceSora.Pipeline;

/// <summary>
/// A <see cref="GenerationState"/> as one safetensors file: tensors <c>caption</c> [tokens, channels], <c>latents</c>
/// [channels, frames, height, width], <c>previous_drift</c>, <c>best</c> and <c>similarities</c>, all F32 and exact, as far as
/// they exist yet; request and settings as JSON in the metadata, and a SHA-256 over all of it.
/// </summary>
internal static class GenerationStateFile
{
    private const string Format = "on-device-sora generation 1";
    private const string FormatKey = "format", RequestKey = "request", SettingsKey = "settings", HashKey = "sha256";
    private const string Caption = "caption", Latents = "latents", PreviousDrift = "previous_drift", Best = "best", Similarities = "similarities";

    /// <summary>Writes a state; the file is either the old one or the new one, whatever happens meanwhile.</summary>
    /// <exception cref="OutputException">It cannot be written.</exception>
    public static void Save(string path, GenerationState state)
    {
        var tensors = TensorsOf(state).ToList();
        var (request, settings) = (VideoRequestJson.Serialize(state.Request), GenerationStateJson.Serialize(state));
        var writer = new SafetensorsWriter()
            .AddMetadata(FormatKey, Format)
            .AddMetadata(RequestKey, request)
            .AddMetadata(SettingsKey, settings)
            .AddMetadata(HashKey, Hash(request, settings, tensors.Select(tensor => tensor.Values)));
        foreach (var (name, shape, values) in tensors) writer.Add(name, shape, values);
        writer.Save(path);
    }

    /// <summary>Reads a state back.</summary>
    /// <exception cref="InvalidFileException">The file is missing, damaged, or something else.</exception>
    public static GenerationState Load(string path)
    {
        using var file = SafetensorsFile.Open(path);
        if (!file.Metadata.TryGetValue(FormatKey, out var format) || format != Format)
            throw new InvalidFileException(path, $"this is a safetensors file, but not the state of a generation (its metadata '{FormatKey}' must be '{Format}')");
        var (request, settings) = (Text(file, RequestKey), Text(file, SettingsKey));
        var tensors = Enumerable.ToDictionary(file.Tensors.Values, tensor => tensor.Name, tensor => Read(file, tensor));
        var inOrder = ((string[])[Caption, Latents, PreviousDrift, Best, Similarities]).Where(tensors.ContainsKey).Select(name => (ReadOnlyMemory<float>)tensors[name]);
        if (Text(file, HashKey) != Hash(request, settings, inOrder))
            throw new InvalidFileException(path, "the file is damaged: its content does not have the hash that it names");
        return Restore(path, file, VideoRequestJson.Parse(request, path), GenerationStateJson.Parse(settings, path), tensors);
    }

    /// <summary>Whether a file is a sound safetensors file of something else than a generation.</summary>
    public static bool IsForeign(string path)
    {
        try
        {
            using var file = SafetensorsFile.Open(path);
            return !file.Metadata.TryGetValue(FormatKey, out var format) || format != Format;
        }
        catch (InvalidFileException)
        {
            return false;
        }
    }

    private static IEnumerable<(string Name, long[] Shape, ReadOnlyMemory<float> Values)> TensorsOf(GenerationState state)
    {
        if (state.Caption is { } caption) yield return (Caption, [caption.Tokens, caption.Channels], caption.Values);
        if (state.Latents is { } latents)
            yield return (Latents, [latents.Channels, latents.LatentFrames, latents.LatentHeight, latents.LatentWidth], latents.Values);
        if (state.Sampling is not { } sampling) yield break;
        if (sampling.Leap.PreviousDrift is { } drift) yield return (PreviousDrift, [drift.Length], drift);
        yield return (Best, [1], new[] { sampling.Leap.Best });
        yield return (Similarities, [sampling.Similarities.Count], sampling.Similarities.ToArray());
    }

    private static string Hash(string request, string settings, IEnumerable<ReadOnlyMemory<float>> tensors)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(request + "\n" + settings + "\n"));
        foreach (var values in tensors) hash.AppendData(MemoryMarshal.AsBytes(values.Span));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string Text(SafetensorsFile file, string key) =>
        file.Metadata.TryGetValue(key, out var text) ? text : throw new InvalidFileException(file.Path, $"the metadata has no '{key}'");

    private static float[] Read(SafetensorsFile file, TensorInfo tensor)
    {
        if (tensor.ElementType != ElementType.F32 || tensor.Elements > LatentsFile.MaximumElements)
            throw new InvalidFileException(file.Path, $"tensor {Describe.Quote(tensor.Name)} is {tensor.ElementType.Name()} {tensor.ShapeText}; it must be F32 with at most {LatentsFile.MaximumElements} elements");
        var values = new float[tensor.Elements];
        file.ReadAsFloat32(tensor, values);
        return values;
    }

    private static GenerationState Restore(string path, SafetensorsFile file, VideoRequest request, GenerationStateJson json, Dictionary<string, float[]> tensors)
    {
        var state = new GenerationState
        {
            Request = request,
            Model = json.Model,
            ModelFolder = json.ModelFolder,
            Output = json.Output,
            OutputWasNamed = json.OutputWasNamed,
            DecodeTile = json.DecodeTile,
            Video = json.Video,
            Timings = json.Timings,
        };
        if (tensors.TryGetValue(Caption, out var caption))
        {
            var shape = Shape(file, Caption, rank: 2);
            state = state with { Caption = new CaptionFeatures(caption, shape[0], shape[1]) };
        }
        if (json.CompletedSteps == 0) return state;

        foreach (var name in (string[])[Latents, PreviousDrift, Best, Similarities])
        {
            if (!tensors.ContainsKey(name)) throw new InvalidFileException(path, $"{json.CompletedSteps} steps are done, but there is no tensor '{name}'");
        }
        var (size, drift) = (Shape(file, Latents, rank: 4), tensors[PreviousDrift]);
        var fits = json.CompletedSteps <= request.Steps && tensors[Similarities].Length == json.CompletedSteps - 1
            && drift.LongLength == (long)size[2] * size[3] && tensors[Best].Length == 1;
        if (!fits) throw new InvalidFileException(path, "the steps, the latents and the leap's state do not fit together");
        return state with
        {
            Latents = new VideoLatents(tensors[Latents], size[0], size[1], size[2], size[3], request),
            Sampling = new SamplingState(json.CompletedSteps, json.LeapStep, new LeapState(drift, tensors[Best][0], json.Patience), tensors[Similarities]),
        };
    }

    private static int[] Shape(SafetensorsFile file, string name, int rank)
    {
        var shape = file.Tensors[name].Shape;
        if (shape.Length != rank || shape.Any(extent => extent is < 1 or > 1_000_000))
            throw new InvalidFileException(file.Path, $"tensor '{name}' has the shape {file.Tensors[name].ShapeText}; it must have {rank} dimensions, each at least 1");
        return Array.ConvertAll(shape, extent => (int)extent);
    }
}
