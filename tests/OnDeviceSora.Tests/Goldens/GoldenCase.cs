using System.Text.Json;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Tests.Goldens;

/// <summary>One golden case: its description, its tensors, and the comparison with them.</summary>
internal sealed class GoldenCase : IDisposable
{
    private readonly SafetensorsFile? _data;
    private readonly Tolerance _tolerance;

    private GoldenCase(string path, JsonElement root)
    {
        FilePath = path;
        Root = root;
        _tolerance = Tolerance.Of(root);
        if (root.TryGetProperty("data", out var data)) _data = SafetensorsFile.Open(Path.Combine(Folder, data.GetString()!));
    }

    /// <summary>The description's file.</summary>
    public string FilePath { get; }

    /// <summary>The description.</summary>
    public JsonElement Root { get; }

    /// <summary>Folder of the description, from which its paths count.</summary>
    public string Folder => Path.GetDirectoryName(FilePath)!;

    /// <summary>Which function is exercised.</summary>
    public string Kind => Root.GetProperty("kind").GetString()!;

    /// <summary>Scalar arguments.</summary>
    public JsonElement Parameters => Root.GetProperty("params");

    /// <summary>Model configuration.</summary>
    public JsonElement Config => Root.GetProperty("config");

    /// <summary>Opens other weights in place of those of a path; <c>null</c> for the case's own.</summary>
    public Func<string, Checkpoint>? Substitute { get; init; }

    /// <summary>Takes the place of the comparison within the case's tolerance: name, golden, actual; <c>null</c> for that comparison.</summary>
    public Action<string, float[], float[]>? Measure { get; init; }

    /// <summary>Reads a case's description and opens its data.</summary>
    /// <exception cref="InvalidFileException">The data file is missing or damaged.</exception>
    public static GoldenCase Open(string path, Func<string, Checkpoint>? substitute = null, Action<string, float[], float[]>? measure = null)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return new GoldenCase(path, document.RootElement.Clone()) { Substitute = substitute, Measure = measure };
    }

    /// <summary>Opens the weights; <paramref name="model"/> chooses when the case names several.</summary>
    public Checkpoint OpenWeights(string? model = null)
    {
        var weights = Root.GetProperty("weights");
        var path = (model is null ? weights : weights.GetProperty(model)).GetString()!;
        path = Path.GetFullPath(Path.Combine(Folder, path));
        return Substitute is null ? Checkpoint.Open(path) : Substitute(path);
    }

    /// <summary>Whether the data has a tensor of this name.</summary>
    public bool Has(string name) => _data is not null && _data.Tensors.ContainsKey(name);

    /// <summary>A tensor of the data.</summary>
    public GoldenTensor this[string name] => _data is not null && _data.Tensors.TryGetValue(name, out var info)
        ? new GoldenTensor(_data, info)
        : throw new GoldenMismatchException($"the case has no tensor {name}");

    /// <summary>A tensor of the data, as the engine's.</summary>
    public Tensor Load(ComputeEngine engine, string name)
    {
        var tensor = this[name];
        return engine.From(tensor.Floats(), tensor.Shape);
    }

    /// <summary>Compares a result with the golden of this name within the case's tolerance.</summary>
    public void Compare(string name, ReadOnlySpan<float> actual) => Compare(name, this[name].Floats(), actual);

    /// <summary>Compares one entry of the golden's first axis, for goldens that list a value for each step.</summary>
    public void CompareEntry(string name, int entry, ReadOnlySpan<float> actual)
    {
        var golden = this[name];
        if (entry >= golden.Shape[0]) throw new GoldenMismatchException($"{name} has {golden.Shape[0]} entries; there is a further one.");
        var all = golden.Floats();
        var length = all.Length / golden.Shape[0];
        Compare($"{name}[{entry}]", all.AsSpan(entry * length, length), actual);
    }

    /// <summary>Compares a stage that a model reports with <c>mid.</c>NAME, when the case has that.</summary>
    public void Observe(string stage, Tensor value)
    {
        if (Has($"mid.{stage}")) Compare($"mid.{stage}", value.Span);
    }

    public void Dispose() => _data?.Dispose();

    private void Compare(string name, ReadOnlySpan<float> golden, ReadOnlySpan<float> actual)
    {
        if (Measure is null) _tolerance.Compare(name, golden, actual);
        else Measure(name, golden.ToArray(), actual.ToArray());
    }
}
