namespace OnDeviceSora.Checkpoints;

/// <summary>Where one tensor of a safetensors file lies, and what it is.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="ElementType">How its elements are stored.</param>
/// <param name="Shape">Its dimensions, outermost first; empty for a scalar.</param>
/// <param name="Offset">The first byte, counted from the start of the file.</param>
/// <param name="ByteLength">How many bytes it takes.</param>
/// <param name="File">The file that holds it.</param>
public sealed record TensorInfo(
    string Name, ElementType ElementType, long[] Shape, long Offset, long ByteLength, string File)
{
    /// <summary>Number of elements; 1 for a scalar.</summary>
    public long Elements
    {
        get
        {
            var elements = 1L;
            foreach (var dimension in Shape) elements *= dimension;
            return elements;
        }
    }

    /// <summary>The shape as people write it, for example <c>[2, 3]</c>.</summary>
    public string ShapeText => Describe.Shape(Shape);
}
