using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnDeviceSora.Tensors.Cpu;

/// <summary>What each head of a query or key goes through on its way into a panel: RMS norm, rotation, a factor.</summary>
/// <param name="HeadSize">Channels of a head.</param>
/// <param name="Norm">Weights of the norm, or <c>null</c> for none.</param>
/// <param name="Epsilon">Added to the mean square.</param>
/// <param name="Rope">Angles by token, or <c>null</c> for none.</param>
/// <param name="Factor">Factor on the result.</param>
internal readonly unsafe record struct HeadRows(int HeadSize, Tensor? Norm, float Epsilon, RopeTable? Rope, float Factor)
{
    /// <summary>True when heads stay as they are.</summary>
    public bool Unchanged => Norm is null && Rope is null && Factor == 1;

    /// <summary>Writes one head of consecutive tokens.</summary>
    /// <param name="source">The head in the first token.</param>
    /// <param name="stride">Elements from one token to the next.</param>
    /// <param name="position">Place of the first token in its sequence.</param>
    /// <param name="count">Tokens.</param>
    /// <param name="target">Receives <c>[count][HeadSize]</c>.</param>
    public void Write(float* source, nint stride, int position, int count, float* target)
    {
        for (var end = position + count; position < end; position++, source += stride, target += HeadSize)
        {
            Normalise(source, target);
            if (Rope is not null) Rotate(target, Rope.Cosines.Pointer + (nint)position * HeadSize, Rope.Sines.Pointer + (nint)position * HeadSize, HeadSize);
        }
    }

    private void Normalise(float* source, float* target)
    {
        if (Norm is null)
        {
            RowMath.Scale(source, Factor, target, HeadSize);
            return;
        }
        var root = MathF.Sqrt(RowMath.SumOfSquares(source, HeadSize, 0) / HeadSize + Epsilon);
        RowMath.ScaleBy(source, Factor / root, Norm.Pointer, target, HeadSize);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rotate(float* head, float* cosines, float* sines, int count)
    {
        var i = 0;
        for (; i <= count - Vector128<float>.Count; i += Vector128<float>.Count)
        {
            var x = Vector128.Load(head + i);
            var neighbours = Vector128.Shuffle(x, Vector128.Create(1, 0, 3, 2));
            Vector128.MultiplyAddEstimate(x, Vector128.Load(cosines + i), neighbours * Vector128.Load(sines + i)).Store(head + i);
        }
        for (; i < count; i += 2)
        {
            var (a, b) = (head[i], head[i + 1]);
            head[i] = a * cosines[i] + b * sines[i];
            head[i + 1] = b * cosines[i + 1] + a * sines[i + 1];
        }
    }
}
