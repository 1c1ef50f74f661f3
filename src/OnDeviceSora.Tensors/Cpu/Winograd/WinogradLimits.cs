namespace OnDeviceSora.Tensors.Cpu.Winograd;

/// <summary>How much a <see cref="WinogradConvolution"/> holds at once. Its results do not depend on it.</summary>
/// <param name="InputFloats">Most floats of transformed inputs, unless one row panel of the frames that an output reads needs more.</param>
/// <param name="FilterFloats">Most floats of transformed filters, unless one column panel needs more.</param>
internal readonly record struct WinogradLimits(int InputFloats, int FilterFloats)
{
    /// <summary>32 MiB of inputs, so that filters are read for many rows, and 16 MiB of filters.</summary>
    public static WinogradLimits Default { get; } = new(1 << 23, 1 << 22);
}
