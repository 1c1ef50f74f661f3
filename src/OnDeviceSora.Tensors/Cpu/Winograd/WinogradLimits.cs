namespace OnDeviceSora.Tensors.Cpu.Winograd;

/// <summary>How much a <see cref="WinogradConvolution"/> holds at once. Its results do not depend on it.</summary>
/// <param name="FilterFloats">Most floats of transformed filters, unless one column panel needs more.</param>
/// <param name="InputFloats">Most floats of transformed inputs, unless one row panel of the frames that an output reads needs more.</param>
/// <param name="InputFloatsPerTransform">As many where not all filters are held, and every block of inputs has them transformed anew.</param>
internal readonly record struct WinogradLimits(int FilterFloats, int InputFloats, int InputFloatsPerTransform)
{
    /// <summary>16 MiB of filters; 8 or 32 MiB of inputs.</summary>
    public static WinogradLimits Default { get; } = new(1 << 22, 1 << 21, 1 << 23);
}
