using OnDeviceSora.Evaluation.World;

namespace OnDeviceSora.Evaluation.Scoring;

/// <summary>Which background most pixels agree with.</summary>
internal static class BackgroundReader
{
    private const float Near = 40;

    /// <summary>The background of a clip.</summary>
    public static Background Read(Rgb[][] pictures) => Enum.GetValues<Background>().MaxBy(background => pictures.Sum(picture => Agreeing(picture, background)));

    private static int Agreeing(Rgb[] picture, Background background)
    {
        var backdrop = background.Picture();
        var count = 0;
        for (var i = 0; i < picture.Length; i++)
        {
            if ((picture[i] - backdrop[i]).SquaredLength < Near * Near) count++;
        }

        return count;
    }
}
