using System.Numerics;
using System.Runtime.CompilerServices;

namespace OnDeviceSora.Tensors.Cpu.Winograd;

/// <summary>
/// The transforms of Winograd's convolution F(4x4, 3x3): 4x4 outputs of a 3x3 kernel are 36 products of a transformed 6x6
/// neighbourhood with the transformed kernel (Lavin and Gray 2015, "Fast Algorithms for Convolutional Neural Networks"), lane by lane.
/// </summary>
/// <remarks>
/// The interpolation points are 0, ±5/8, ±3/2 and infinity. They and their powers are short numbers, and rounding errors grow about
/// half as much as with the usual 0, ±1, ±2: to less than twice those of the direct sum.
/// </remarks>
internal static unsafe class WinogradTransforms
{
    /// <summary>Outputs on a side of a tile.</summary>
    public const int TileSide = 4;

    /// <summary>Inputs on a side of a tile's neighbourhood.</summary>
    public const int PatchSide = 6;

    /// <summary>Taps on a side of the kernel.</summary>
    public const int KernelSide = 3;

    /// <summary>Products that make up a tile.</summary>
    public const int Products = PatchSide * PatchSide;

    private const float A = 5f / 8, B = 3f / 2, A2 = A * A, B2 = B * B, A3 = A * A2, B3 = B * B2;
    private const float FactorA = (float)(1 / (2d * A2 * (A2 - B2))), FactorB = (float)(1 / (2d * B2 * (B2 - A2)));

    /// <summary>Transforms a neighbourhood's vectors of channels.</summary>
    /// <param name="patch">Its 36 positions, row by row.</param>
    /// <param name="channel">First channel of the vectors.</param>
    /// <param name="between">Room for 36 vectors.</param>
    /// <param name="target">Receives vector f at <c>f * stride</c>.</param>
    /// <param name="stride">Floats from one result to the next.</param>
    public static void Input(float** patch, nint channel, float* between, float* target, nint stride)
    {
        for (var x = 0; x < PatchSide; x++, patch++)
        {
            InputLine(
                Vector.Load(patch[0] + channel), Vector.Load(patch[PatchSide] + channel), Vector.Load(patch[2 * PatchSide] + channel),
                Vector.Load(patch[3 * PatchSide] + channel), Vector.Load(patch[4 * PatchSide] + channel), Vector.Load(patch[5 * PatchSide] + channel),
                between + x * Vector<float>.Count, PatchSide * Vector<float>.Count);
        }
        for (var y = 0; y < PatchSide; y++, between += PatchSide * Vector<float>.Count, target += PatchSide * stride)
        {
            InputLine(Lane(between, 0), Lane(between, 1), Lane(between, 2), Lane(between, 3), Lane(between, 4), Lane(between, 5), target, stride);
        }
    }

    /// <summary>Transforms a kernel's vectors of output channels.</summary>
    /// <param name="taps">Its 9 taps, row by row.</param>
    /// <param name="offset">Where the vectors begin at each tap.</param>
    /// <param name="between">Room for 18 vectors.</param>
    /// <param name="target">Receives vector f at <c>f * stride</c>.</param>
    /// <param name="stride">Floats from one result to the next.</param>
    public static void Filter(float** taps, nint offset, float* between, float* target, nint stride)
    {
        for (var x = 0; x < KernelSide; x++, taps++)
        {
            FilterLine(
                Vector.Load(taps[0] + offset), Vector.Load(taps[KernelSide] + offset), Vector.Load(taps[2 * KernelSide] + offset),
                between + x * Vector<float>.Count, KernelSide * Vector<float>.Count);
        }
        for (var y = 0; y < PatchSide; y++, between += KernelSide * Vector<float>.Count, target += PatchSide * stride)
        {
            FilterLine(Lane(between, 0), Lane(between, 1), Lane(between, 2), target, stride);
        }
    }

    /// <summary>Turns 36 vectors of sums of products into those of 4x4 outputs.</summary>
    /// <param name="sums">Vector f at <c>f * stride</c>.</param>
    /// <param name="stride">Floats from one vector of sums to the next.</param>
    /// <param name="between">Room for 24 vectors.</param>
    /// <param name="target">Receives the outputs, row by row, <paramref name="targetStride"/> floats apart.</param>
    /// <param name="targetStride">Floats from one output to the next.</param>
    public static void Output(float* sums, nint stride, float* between, float* target, nint targetStride)
    {
        for (var x = 0; x < PatchSide; x++, sums += stride)
        {
            OutputLine(
                Vector.Load(sums), Vector.Load(sums + PatchSide * stride), Vector.Load(sums + 2 * PatchSide * stride),
                Vector.Load(sums + 3 * PatchSide * stride), Vector.Load(sums + 4 * PatchSide * stride), Vector.Load(sums + 5 * PatchSide * stride),
                between + x * Vector<float>.Count, PatchSide * Vector<float>.Count);
        }
        for (var y = 0; y < TileSide; y++, between += PatchSide * Vector<float>.Count, target += TileSide * targetStride)
        {
            OutputLine(Lane(between, 0), Lane(between, 1), Lane(between, 2), Lane(between, 3), Lane(between, 4), Lane(between, 5), target, targetStride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Lane(float* vectors, int index) => Vector.Load(vectors + index * Vector<float>.Count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> MultiplyAdd(float factor, Vector<float> x, Vector<float> sum) => Vector.MultiplyAddEstimate(new Vector<float>(factor), x, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InputLine(
        Vector<float> d0, Vector<float> d1, Vector<float> d2, Vector<float> d3, Vector<float> d4, Vector<float> d5, float* target, nint stride)
    {
        MultiplyAdd(A2 * B2, d0, MultiplyAdd(-(A2 + B2), d2, d4)).Store(target);
        var (even, odd) = (MultiplyAdd(-B2, d2, d4), MultiplyAdd(-B2, d1, d3));
        MultiplyAdd(A, odd, even).Store(target + stride);
        MultiplyAdd(-A, odd, even).Store(target + 2 * stride);
        (even, odd) = (MultiplyAdd(-A2, d2, d4), MultiplyAdd(-A2, d1, d3));
        MultiplyAdd(B, odd, even).Store(target + 3 * stride);
        MultiplyAdd(-B, odd, even).Store(target + 4 * stride);
        MultiplyAdd(A2 * B2, d1, MultiplyAdd(-(A2 + B2), d3, d5)).Store(target + 5 * stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FilterLine(Vector<float> g0, Vector<float> g1, Vector<float> g2, float* target, nint stride)
    {
        (g0 * new Vector<float>(1 / (A2 * B2))).Store(target);
        var (even, odd) = (MultiplyAdd(A2, g2, g0) * new Vector<float>(FactorA), g1 * new Vector<float>(A * FactorA));
        (even + odd).Store(target + stride);
        (even - odd).Store(target + 2 * stride);
        (even, odd) = (MultiplyAdd(B2, g2, g0) * new Vector<float>(FactorB), g1 * new Vector<float>(B * FactorB));
        (even + odd).Store(target + 3 * stride);
        (even - odd).Store(target + 4 * stride);
        g2.Store(target + 5 * stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void OutputLine(
        Vector<float> m0, Vector<float> m1, Vector<float> m2, Vector<float> m3, Vector<float> m4, Vector<float> m5, float* target, nint stride)
    {
        var (evenA, oddA, evenB, oddB) = (m1 + m2, m1 - m2, m3 + m4, m3 - m4);
        (m0 + evenA + evenB).Store(target);
        MultiplyAdd(A, oddA, new Vector<float>(B) * oddB).Store(target + stride);
        MultiplyAdd(A2, evenA, new Vector<float>(B2) * evenB).Store(target + 2 * stride);
        MultiplyAdd(A3, oddA, MultiplyAdd(B3, oddB, m5)).Store(target + 3 * stride);
    }
}
