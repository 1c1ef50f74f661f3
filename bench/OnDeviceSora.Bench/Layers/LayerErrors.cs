using OnDeviceSora.Checkpoints;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Bench.Layers;

/// <summary>A relative L2 error over all that was compared: the norm of the difference by the norm of the reference.</summary>
internal sealed class RelativeError
{
    private double _reference;
    private double _difference;

    /// <summary>The error; 0 before anything was compared.</summary>
    public double Value => _reference > 0 ? Math.Sqrt(_difference / _reference) : 0;

    /// <summary>Compares one more result.</summary>
    public void Add(Tensor reference, Tensor actual)
    {
        var (all, changed) = WeightConversion.Squares(reference.Span, actual.Span);
        (_reference, _difference) = (_reference + all, _difference + changed);
    }
}

/// <summary>How far a part of the transformer is from the reference's.</summary>
/// <param name="Place">A block, or <c>ends</c>.</param>
/// <param name="Layer">One of its layers, or <c>all</c>.</param>
internal sealed record LayerError(string Place, string Layer)
{
    /// <summary>Of the place's output, given the reference's input, when this layer alone is the package's.</summary>
    public RelativeError Isolated { get; } = new();

    /// <summary>Of the place's output when all before it is the package's, too; for <c>all</c> layers only.</summary>
    public RelativeError Accumulated { get; } = new();

    /// <summary>The kind of block, without its number.</summary>
    public string Kind => Place.Split('.')[0];
}

/// <summary>The errors of all parts.</summary>
internal sealed class LayerErrors
{
    /// <summary>The layer that stands for all of a place.</summary>
    public const string All = "all";

    private readonly Dictionary<(string, string), LayerError> _errors = [];

    /// <summary>Every part, in the order in which they were first measured.</summary>
    public IReadOnlyCollection<LayerError> Parts => _errors.Values;

    /// <summary>The error of a part, to be added to.</summary>
    public LayerError Of(string place, string layer = All)
    {
        if (!_errors.TryGetValue((place, layer), out var error)) _errors[(place, layer)] = error = new LayerError(place, layer);
        return error;
    }
}
