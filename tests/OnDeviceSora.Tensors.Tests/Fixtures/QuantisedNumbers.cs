namespace OnDeviceSora.Tensors.Tests;

/// <summary>Rows of bytes to compare with.</summary>
internal static unsafe class QuantisedNumbers
{
    /// <summary>The rows of a tensor, quantised one by one.</summary>
    public static QuantisedRows Of(ComputeEngine engine, Tensor x)
    {
        var rows = new QuantisedRows(engine, (int)x.Shape.Rows, x.Shape[-1]);
        for (var row = 0; row < rows.Rows; row++) rows.Set(row, x.Pointer + (long)row * rows.Depth);
        return rows;
    }

    /// <summary>The scale, the zero and the bytes of a row.</summary>
    public static (float Scale, int Zero, string Bytes) Row(QuantisedRows rows, int row) =>
        (rows.Scales[row], rows.Zeros[row], Convert.ToHexString(new Span<byte>(rows.Row(row), rows.Depth)));

    /// <summary>All rows.</summary>
    public static IEnumerable<(float Scale, int Zero, string Bytes)> Rows(QuantisedRows rows) => [.. Enumerable.Range(0, rows.Rows).Select(row => Row(rows, row))];
}
