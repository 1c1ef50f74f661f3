namespace OnDeviceSora.Media;

/// <summary>The row filters of PNG (specification, section 9) for 3 bytes a pixel.</summary>
internal static class PngFilter
{
    private const int PixelBytes = 3, Kinds = 5;

    /// <summary>
    /// Filters one row with the filter whose output has the smallest sum of absolute values, the heuristic that the
    /// specification recommends for true colour.
    /// </summary>
    /// <param name="row">The row's pixels.</param>
    /// <param name="above">The row above; zeros for the first.</param>
    /// <param name="scratch">Room for one row.</param>
    /// <param name="output">Receives the filter's number and the filtered row.</param>
    public static void Apply(ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, Span<byte> scratch, Span<byte> output)
    {
        long best = long.MaxValue;
        for (byte kind = 0; kind < Kinds; kind++)
        {
            long cost = Filter(kind, row, above, scratch);
            if (cost >= best)
                continue;
            best = cost;
            output[0] = kind;
            scratch.CopyTo(output[1..]);
        }
    }

    private static long Filter(byte kind, ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, Span<byte> output)
    {
        long cost = 0;
        for (int i = 0; i < row.Length; i++)
        {
            int left = i >= PixelBytes ? row[i - PixelBytes] : 0;
            int prediction = kind switch
            {
                0 => 0,
                1 => left,
                2 => above[i],
                3 => (left + above[i]) / 2,
                _ => Paeth(left, above[i], i >= PixelBytes ? above[i - PixelBytes] : 0),
            };
            output[i] = (byte)(row[i] - prediction);
            cost += Math.Abs((int)(sbyte)output[i]);
        }

        return cost;
    }

    private static int Paeth(int left, int above, int aboveLeft)
    {
        int toLeft = Math.Abs(above - aboveLeft), toAbove = Math.Abs(left - aboveLeft);
        int toAboveLeft = Math.Abs(left + above - (2 * aboveLeft));
        if (toLeft <= toAbove && toLeft <= toAboveLeft)
            return left;
        return toAbove <= toAboveLeft ? above : aboveLeft;
    }
}
