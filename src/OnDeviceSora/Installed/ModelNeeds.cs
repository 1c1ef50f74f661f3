using System.Globalization;

namespace OnDeviceSora.Installed;

/// <summary>What a model needs in order to run.</summary>
public static class ModelNeeds
{
    /// <summary>The memory a model needs, in words.</summary>
    public static string Describe(InstalledModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.WeightBytes < 1_000_000_000
            ? string.Create(CultureInfo.InvariantCulture, $"{model.WeightBytes / 1e6:0.0} MB of weights")
            : string.Create(CultureInfo.InvariantCulture, $"{model.WeightBytes / 1e9:0.00} GB of weights");
    }
}
