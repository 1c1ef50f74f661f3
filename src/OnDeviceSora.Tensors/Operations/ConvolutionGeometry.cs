namespace OnDeviceSora.Tensors;

/// <summary>One axis of a convolution.</summary>
/// <param name="Kernel">Taps, at least 1.</param>
/// <param name="Stride">Steps from one output to the next, at least 1.</param>
/// <param name="PadBefore">Zeros in front of the input, 0 or more. A causal axis pads here alone.</param>
/// <param name="PadAfter">Zeros behind the input, 0 or more.</param>
public readonly record struct ConvolutionAxis(int Kernel, int Stride = 1, int PadBefore = 0, int PadAfter = 0)
{
    /// <summary>The same padding on both sides, such that stride 1 keeps the size.</summary>
    public static ConvolutionAxis Same(int kernel) => new(kernel, 1, kernel / 2, (kernel - 1) / 2);

    /// <summary>Output size for an input size; 0 when the kernel does not fit.</summary>
    public int OutputSize(int input)
    {
        var positions = input + PadBefore + PadAfter - Kernel;
        return positions < 0 ? 0 : positions / Stride + 1;
    }

    internal void Check(string name)
    {
        if (Kernel < 1 || Stride < 1 || PadBefore < 0 || PadAfter < 0) throw new ArgumentException($"{name} {this}: kernel and stride must be at least 1, padding at least 0.");
    }
}

/// <summary>Kernel, stride and padding in time, height and width. A 2D convolution has a kernel of 1 in time.</summary>
/// <param name="Time">First axis: frames.</param>
/// <param name="Height">Second axis: rows.</param>
/// <param name="Width">Third axis: columns.</param>
public readonly record struct ConvolutionGeometry(ConvolutionAxis Time, ConvolutionAxis Height, ConvolutionAxis Width)
{
    /// <summary>A 2D convolution that treats every frame on its own.</summary>
    public static ConvolutionGeometry Picture(ConvolutionAxis height, ConvolutionAxis width) => new(new ConvolutionAxis(1), height, width);

    /// <summary>Input positions that an output reads.</summary>
    public int Taps => checked(Time.Kernel * Height.Kernel * Width.Kernel);

    internal void Check()
    {
        Time.Check(nameof(Time));
        Height.Check(nameof(Height));
        Width.Check(nameof(Width));
    }
}
