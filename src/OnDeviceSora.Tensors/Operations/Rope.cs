namespace OnDeviceSora.Tensors;

/// <summary>Rotary position embedding over neighbouring channels (2i, 2i + 1).</summary>
public static unsafe class Rope
{
    /// <summary>Rotates, in place, each head inside a range of columns.</summary>
    /// <param name="engine">Where to compute.</param>
    /// <param name="x">Rows <c>[..., width]</c>; row r has position <c>r / rowsPerPosition % table.Positions</c>.</param>
    /// <param name="column">First column of head 0.</param>
    /// <param name="heads">Heads, side by side.</param>
    /// <param name="table">Angles by position.</param>
    /// <param name="rowsPerPosition">Consecutive rows at the same position, at least 1.</param>
    /// <exception cref="ArgumentException">The heads reach beyond a row, or the table is empty.</exception>
    public static void Run(ComputeEngine engine, Tensor x, int column, int heads, RopeTable table, int rowsPerPosition)
    {
        var (width, headSize) = (x.Shape[-1], table.HeadSize);
        if (column < 0 || column + (long)heads * headSize > width) throw new ArgumentException($"{heads} heads of {headSize} from column {column} do not fit rows of {width}.");
        ArgumentOutOfRangeException.ThrowIfLessThan(rowsPerPosition, 1);
        if (x.Length == 0) return;
        if (table.Positions == 0) throw new ArgumentException("The table has no positions.", nameof(table));
        RowBlocks.For(engine, x.Length / width, (long)heads * headSize, (first, end) =>
        {
            for (var row = first; row < end; row++)
            {
                var position = row / rowsPerPosition % table.Positions;
                var cosines = table.Cosines.Pointer + position * (headSize / 2);
                var sines = table.Sines.Pointer + position * (headSize / 2);
                var head = x.Pointer + row * width + column;
                for (var h = 0; h < heads; h++, head += headSize) Rotate(head, cosines, sines, headSize / 2);
            }
        });
    }

    private static void Rotate(float* head, float* cosines, float* sines, int pairs)
    {
        for (var i = 0; i < pairs; i++)
        {
            var (a, b) = (head[2 * i], head[2 * i + 1]);
            head[2 * i] = a * cosines[i] - b * sines[i];
            head[2 * i + 1] = b * cosines[i] + a * sines[i];
        }
    }
}
