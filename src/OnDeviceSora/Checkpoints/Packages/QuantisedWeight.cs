using System.Runtime.InteropServices;

namespace OnDeviceSora.Checkpoints;

/// <summary>A weight that is stored as 8-bit integers with a scale an output row.</summary>
/// <param name="checkpoint">Where it is.</param>
/// <param name="name">Its name; its scales are called <see cref="PackageTensors.ScaleName"/>.</param>
internal sealed class QuantisedWeight(Checkpoint checkpoint, string name)
{
    // Enough to hide the cost of a read, little enough for the stack.
    private const int PieceElements = 16 * 1024;

    /// <summary>What is wrong with an int8 tensor's scales; <c>null</c> when they fit.</summary>
    public static string? Problem(Checkpoint checkpoint, ExpectedTensor weight)
    {
        var name = PackageTensors.ScaleName(weight.Name);
        if (!checkpoint.Contains(name)) return $"is I8, but its scales {Describe.Quote(name)} are missing";
        var scales = checkpoint.Find(name);
        return scales.ElementType == ElementType.F32 && scales.Shape.AsSpan().SequenceEqual([weight.Shape[0]])
            ? null
            : $"is I8 with scales of type {scales.ElementType.Name()} and shape {scales.ShapeText}; F32 of shape [{weight.Shape[0]}] is needed";
    }

    /// <summary>Reads a run of its elements as single precision.</summary>
    /// <param name="firstElement">Where the run begins, counted row-major.</param>
    /// <param name="destination">Receives the elements.</param>
    public void Read(long firstElement, Span<float> destination)
    {
        var weight = checkpoint.Find(name);
        var rows = weight.Shape.Length == 0 ? 1 : weight.Shape[0];
        var scales = checkpoint.Find(PackageTensors.ScaleName(name));
        if (scales.ElementType != ElementType.F32 || scales.Elements != rows)
        {
            throw new InvalidModelException(scales.File,
                $"tensor {Describe.Quote(scales.Name)} is {scales.ElementType.Name()} {scales.ShapeText}; F32 of shape [{rows}] is needed for the int8 weight it scales");
        }

        if (!destination.IsEmpty) ReadRows(firstElement, weight.Elements / rows, destination);
    }

    private void ReadRows(long firstElement, long rowLength, Span<float> destination)
    {
        Span<sbyte> piece = stackalloc sbyte[PieceElements];
        Span<float> scale = stackalloc float[1];
        for (var done = 0; done < destination.Length;)
        {
            var (row, column) = Math.DivRem(firstElement + done, rowLength);
            checkpoint.ReadElements(PackageTensors.ScaleName(name), row, scale);
            var count = (int)Math.Min(Math.Min(rowLength - column, PieceElements), destination.Length - done);
            checkpoint.ReadBytes(name, firstElement + done, MemoryMarshal.AsBytes(piece[..count]));
            WeightConversion.Dequantise(piece[..count], scale[0], destination.Slice(done, count));
            done += count;
        }
    }
}
