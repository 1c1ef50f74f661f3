using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using OnDeviceSora.Tensors.Cpu;

namespace OnDeviceSora.Tensors;

/// <summary>
/// What happens to the sums of a product before they are stored:
/// <c>output = residual + gate * activation(sum + bias)</c>, each part optional.
/// </summary>
public readonly record struct Epilogue
{
    /// <summary>Added to each sum, <c>[columns]</c>.</summary>
    public Tensor? Bias { get; init; }

    /// <summary>Applied after the bias.</summary>
    public Activation Activation { get; init; }

    /// <summary>Factors <c>[groups, columns]</c>: row r is multiplied by group r / <see cref="RowsPerGate"/>.</summary>
    public Tensor? Gate { get; init; }

    /// <summary>Consecutive rows that share one row of <see cref="Gate"/>, at least 1.</summary>
    public int RowsPerGate { get; init; }

    /// <summary>Added last, of the output's length; may be the output itself.</summary>
    public Tensor? Residual { get; init; }

    /// <summary>
    /// Stores each row into all frames that it stands for, with the gate and the residual of each; <c>null</c> to store it once. The output
    /// and the residual then have rows for all frames, and groups of the gate count them.
    /// </summary>
    public FramePairs? Expansion { get; init; }

    /// <summary>Rows of the output for so many rows of sums.</summary>
    internal long OutputRows(long rows) => Expansion?.Expanded(rows) ?? rows;

    /// <param name="rows">Rows of the output.</param>
    /// <param name="columns">Columns of the output.</param>
    internal void Check(long rows, int columns)
    {
        if (Bias is not null && Bias.Length != columns) throw new ArgumentException($"Bias {Bias.Shape} does not fit {columns} columns.");
        if (Residual is not null && Residual.Length != rows * columns) throw new ArgumentException($"Residual {Residual.Shape} does not fit {rows} x {columns}.");
        if (Gate is null) return;
        if (RowsPerGate < 1) throw new ArgumentException("RowsPerGate must be at least 1 when there is a gate.");
        var groups = (rows + RowsPerGate - 1) / RowsPerGate;
        if (Gate.Length < groups * columns) throw new ArgumentException($"Gate {Gate.Shape} does not fit {groups} groups of {columns} columns.");
    }

    /// <summary>Finishes one row's sums from <paramref name="column"/> on and stores them.</summary>
    internal unsafe void Store(float* sums, long row, int column, int count, float* output, int columns)
    {
        if (Expansion is not { } pairs)
        {
            StoreRow(sums, row, column, count, output, columns);
            return;
        }
        var target = pairs.Source(row);
        for (var copies = pairs.Targets(row); copies > 0; copies--, target += pairs.Positions) StoreRow(sums, target, column, count, output, columns);
    }

    private unsafe void StoreRow(float* sums, long row, int column, int count, float* output, int columns)
    {
        var target = new RowTargets(
            Bias is null ? null : Bias.Pointer + column,
            Gate is null ? null : Gate.Pointer + row / RowsPerGate * columns + column,
            Residual is null ? null : Residual.Pointer + row * columns + column,
            output + row * columns + column);
        if (Vector512.IsHardwareAccelerated) Store<Lanes512>(sums, target, count);
        else if (Vector256.IsHardwareAccelerated) Store<Lanes256>(sums, target, count);
        else Store<Lanes128>(sums, target, count);
    }

    // Optimised from the first call on: the first steps of a video, and predictions of time, run through it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void Store<T>(float* sums, in RowTargets target, int count)
        where T : struct, ILanes<T>
    {
        var i = 0;
        for (; i <= count - T.Count; i += T.Count) target.Store(T.Load(sums + i), i, Activation);
        if (i < count) StoreTail<T>(sums + i, target, i, count - i);
    }

    /// <summary>The last, partial vector: computed in full-width copies so that its elements go through the same arithmetic.</summary>
    private unsafe void StoreTail<T>(float* sums, in RowTargets target, int start, int count)
        where T : struct, ILanes<T>
    {
        var width = T.Count;
        var copies = stackalloc float[5 * width];
        for (var i = 0; i < 5 * width; i++) copies[i] = 0;
        for (var i = 0; i < count; i++)
        {
            copies[i] = sums[i];
            if (target.Bias is not null) copies[width + i] = target.Bias[start + i];
            if (target.Gate is not null) copies[2 * width + i] = target.Gate[start + i];
            if (target.Residual is not null) copies[3 * width + i] = target.Residual[start + i];
        }
        new RowTargets(
            target.Bias is null ? null : copies + width,
            target.Gate is null ? null : copies + 2 * width,
            target.Residual is null ? null : copies + 3 * width,
            copies + 4 * width).Store(T.Load(copies), 0, Activation);
        for (var i = 0; i < count; i++) target.Output[start + i] = copies[4 * width + i];
    }

    private readonly unsafe struct RowTargets(float* bias, float* gate, float* residual, float* output)
    {
        public readonly float* Bias = bias;
        public readonly float* Gate = gate;
        public readonly float* Residual = residual;
        public readonly float* Output = output;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Store<T>(T value, int i, Activation activation)
            where T : struct, ILanes<T>
        {
            if (Bias is not null) value += T.Load(Bias + i);
            if (activation == Activation.GeluTanh) value = VectorMath.GeluTanh(value);
            else if (activation == Activation.Silu) value = VectorMath.Silu(value);
            if (Gate is not null) value *= T.Load(Gate + i);
            if (Residual is not null) value += T.Load(Residual + i);
            value.Store(Output + i);
        }
    }
}
