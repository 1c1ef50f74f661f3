namespace OnDeviceSora.Tensors;

/// <summary>
/// Where attention finds its tokens inside a tensor, without copying: sequence (o, i) of <see cref="Outer"/> x
/// <see cref="Inner"/> has its token t, head h at <c>Offset + o OuterStride + i InnerStride + t TokenStride + h HeadSize</c>.
/// Spatial attention reads rows of one frame, temporal attention one position over all frames, from the same layout.
/// </summary>
/// <param name="Tensor">The tensor that holds the tokens.</param>
/// <param name="Offset">Element at which head 0 of the first token starts: 0 for q, the width for k in a packed qkv.</param>
/// <param name="Outer">Sequences along the outer axis.</param>
/// <param name="OuterStride">Elements from one to the next.</param>
/// <param name="Inner">Sequences along the inner axis.</param>
/// <param name="InnerStride">Elements from one to the next.</param>
/// <param name="Tokens">Tokens of each sequence.</param>
/// <param name="TokenStride">Elements from one token to the next.</param>
public readonly record struct Sequences(
    Tensor Tensor, long Offset, int Outer, long OuterStride, int Inner, long InnerStride, int Tokens, long TokenStride)
{
    /// <summary>Number of sequences.</summary>
    public int Count => checked(Outer * Inner);

    /// <summary>Consecutive runs of <paramref name="tokens"/> rows of <paramref name="rowLength"/> elements.</summary>
    public static Sequences OfRows(Tensor tensor, long offset, int count, int tokens, long rowLength) =>
        new(tensor, offset, count, tokens * rowLength, 1, 0, tokens, rowLength);

    /// <summary>One sequence over <paramref name="tokens"/> groups for each of the <paramref name="positions"/> rows in a group.</summary>
    public static Sequences AcrossRows(Tensor tensor, long offset, int count, int tokens, int positions, long rowLength) =>
        new(tensor, offset, count, tokens * positions * rowLength, positions, rowLength, tokens, positions * rowLength);

    internal unsafe float* Start(int sequence)
    {
        var (outer, inner) = Math.DivRem(sequence, Inner);
        return Tensor.Pointer + Offset + outer * OuterStride + inner * InnerStride;
    }

    internal void Check(int width, string name)
    {
        if (Offset < 0 || Outer < 0 || Inner < 0 || Tokens < 0 || OuterStride < 0 || InnerStride < 0 || TokenStride < 0) throw new ArgumentException($"{name} has a negative offset, size or stride.");
        if (Count == 0 || Tokens == 0) return;
        var last = checked(Offset + (Outer - 1) * OuterStride + (Inner - 1) * InnerStride + (Tokens - 1) * TokenStride + width);
        if (last > Tensor.Length) throw new ArgumentException($"{name} reaches element {last} of a tensor {Tensor.Shape}.");
    }
}
