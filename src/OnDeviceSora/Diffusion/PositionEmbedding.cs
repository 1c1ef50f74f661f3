using OnDeviceSora.Tensors;

namespace OnDeviceSora.Diffusion;

/// <summary>The fixed 2D position embedding, the same for every frame (specification 5.2). The column comes first.</summary>
internal static class PositionEmbedding
{
    /// <summary>Computes the embedding of each patch.</summary>
    /// <param name="rows">Patch rows.</param>
    /// <param name="columns">Patch columns.</param>
    /// <param name="scale">sqrt(pixel height x pixel width) / the model's base size.</param>
    /// <param name="positions">Receives <c>[rows x columns, C]</c>, C a multiple of 4: sines and cosines of the column, then of the row.</param>
    public static void Compute(int rows, int columns, double scale, Tensor positions)
    {
        var width = positions.Shape[1];
        var baseSize = (float)Math.Round(Math.Sqrt(rows * columns), MidpointRounding.ToEven);
        var quarter = width / 4;
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                var target = positions.Slice(row * columns + column, 1).Span;
                Axis(column / (float)scale * (baseSize / columns), quarter, target);
                Axis(row / (float)scale * (baseSize / rows), quarter, target[(2 * quarter)..]);
            }
        }
    }

    private static void Axis(float coordinate, int quarter, Span<float> target)
    {
        for (var k = 0; k < quarter; k++)
        {
            var angle = coordinate * (1 / MathF.Pow(10000, k / (float)quarter));
            target[k] = MathF.Sin(angle);
            target[quarter + k] = MathF.Cos(angle);
        }
    }
}
