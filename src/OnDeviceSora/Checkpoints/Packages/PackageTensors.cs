using System.Globalization;

namespace OnDeviceSora.Checkpoints;

/// <summary>What a device package stores beside the published tensors, and which of those it converts.</summary>
internal static class PackageTensors
{
    private const string PaddingPrefix = "padding.";

    /// <summary>Whether a tensor gets the model's precision: weights of two or more dimensions, but not the small table of position biases.</summary>
    public static bool IsConverted(ExpectedTensor tensor) =>
        tensor.Shape.Length >= 2
        && tensor.Name.EndsWith(".weight", StringComparison.Ordinal)
        && !tensor.Name.EndsWith("relative_attention_bias.weight", StringComparison.Ordinal);

    /// <summary>How a tensor is stored.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="model">The precision of its model.</param>
    public static ElementType StoredAs(ExpectedTensor tensor, WeightPrecision model)
    {
        if (!IsConverted(tensor)) return ElementType.F32;
        return model == WeightPrecision.Int8 && SensitiveWeights.Include(tensor.Name) ? ElementType.BF16 : model.ElementType();
    }

    /// <summary>The name of the scales of an int8 weight: one F32 an output row.</summary>
    public static string ScaleName(string weight) => weight + "_scale";

    /// <summary>The name of a filler between tensors.</summary>
    public static string PaddingName(int number) => PaddingPrefix + number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether a tensor is a filler without meaning.</summary>
    public static bool IsPadding(string name) => name.StartsWith(PaddingPrefix, StringComparison.Ordinal);
}
