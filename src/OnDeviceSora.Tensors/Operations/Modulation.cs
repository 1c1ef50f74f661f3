namespace OnDeviceSora.Tensors;

/// <summary>Shift and scale for groups of consecutive rows: row r takes group r / <see cref="RowsPerGroup"/>.</summary>
/// <param name="Shifts">Shifts <c>[groups, width]</c>.</param>
/// <param name="Scales">Scales <c>[groups, width]</c>; 0 leaves a value as it is.</param>
/// <param name="RowsPerGroup">Rows that share one group, at least 1.</param>
public readonly record struct Modulation(Tensor Shifts, Tensor Scales, int RowsPerGroup)
{
    internal void Check(long rows, int width)
    {
        if (Shifts is null) return;
        if (RowsPerGroup < 1) throw new ArgumentException("RowsPerGroup must be at least 1.");
        var needed = (rows + RowsPerGroup - 1) / RowsPerGroup * width;
        if (Scales is null) throw new ArgumentException("Shifts need scales.");
        if (Shifts.Length < needed || Scales.Length < needed) throw new ArgumentException($"Shifts {Shifts.Shape} or scales {Scales.Shape} do not fit {rows} rows of {width}.");
    }

    internal unsafe float* Shift(long row, int width) => Shifts is null ? null : Shifts.Pointer + row / RowsPerGroup * width;

    internal unsafe float* Scale(long row, int width) => Scales is null ? null : Scales.Pointer + row / RowsPerGroup * width;
}
