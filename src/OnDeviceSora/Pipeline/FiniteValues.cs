using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Pipeline;

/// <summary>Stops a run whose values are no numbers any more: damaged weights cause that, and the video would be black.</summary>
internal static class FiniteValues
{
    /// <summary>Refuses values of which one is not finite.</summary>
    /// <param name="values">What a part of the model computed.</param>
    /// <param name="model">The model.</param>
    /// <param name="part">The part, for the message.</param>
    /// <exception cref="InvalidModelException">One is infinite or not a number.</exception>
    public static void Require(ReadOnlySpan<float> values, ModelFolder model, string part)
    {
        foreach (var value in values)
        {
            if (!float.IsFinite(value))
                throw new InvalidModelException(model.Path, $"the {part} computed values that are not finite; its weights are damaged, or too large for their precision (sora verify checks a package)");
        }
    }
}
