using OnDeviceSora.Tensors;

namespace OnDeviceSora.Pipeline.Planning;

/// <summary>What a stage computes, apart from its weights.</summary>
/// <param name="ActivationBytes">Tensors other than weights at their peak, without the threads' scratch memory.</param>
/// <param name="ScratchBytes">Scratch memory of the threads, which they keep.</param>
/// <param name="Operations">Floating-point operations in all passes (a multiply-add is two).</param>
/// <param name="TextBytes">Of the activations, those that hold the caption.</param>
internal readonly record struct StageWork(long ActivationBytes, long ScratchBytes, double Operations, long TextBytes = 0)
{
    /// <summary>Both kinds of memory, and what is kept of the tensors when they are freed.</summary>
    public long WorkingBytes => ActivationBytes + ScratchBytes + MemoryLedger.MostKeptBeside(ActivationBytes);
}

/// <summary>The most that was held at once, and the largest scratch memory.</summary>
/// <param name="held">Bytes that stay throughout.</param>
internal sealed class PeakMeter(long held)
{
    /// <summary>Most bytes at once.</summary>
    public long Peak { get; private set; }

    /// <summary>Largest scratch memory.</summary>
    public long Scratch { get; private set; }

    /// <summary>At a moment so many floats are held, beside what stays.</summary>
    public void Floats(double floats, long bytes = 0) => Peak = Math.Max(Peak, held + (long)(sizeof(float) * floats) + bytes);

    /// <summary>An operation needs so much scratch memory.</summary>
    public void Needs(long scratchBytes) => Scratch = Math.Max(Scratch, scratchBytes);
}
