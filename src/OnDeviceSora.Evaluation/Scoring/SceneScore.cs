using OnDeviceSora.Evaluation.World;

namespace OnDeviceSora.Evaluation.Scoring;

/// <summary>How much of a scene a clip shows: of one clip with one thing 0 or 1 each, of two things or several clips the mean.</summary>
/// <param name="Background">Whether the background is right.</param>
/// <param name="Colour">Whether the colour is.</param>
/// <param name="Figure">Whether the shape is.</param>
/// <param name="Size">Whether the size is.</param>
/// <param name="Motion">Whether the motion is.</param>
/// <param name="AllFour">Whether all of them are, but for the size, which a sentence often leaves out.</param>
public sealed record SceneScore(double Background, double Colour, double Figure, double Size, double Motion, double AllFour)
{
    /// <summary>The mean of background, colour, shape and motion.</summary>
    public double Parts => (Background + Colour + Figure + Motion) / 4;

    /// <summary>Compares what is seen with what should be.</summary>
    public static SceneScore Of(SceneReading seen, Scene scene)
    {
        ArgumentNullException.ThrowIfNull(seen);
        ArgumentNullException.ThrowIfNull(scene);
        var thing = Of(seen.Background == scene.Background, seen.Thing, scene.Thing);
        if (scene.Beside is null) return thing;
        var beside = Of(seen.Background == scene.Background, seen.Beside, scene.Beside);
        return Mean([thing, beside]) with { AllFour = thing.AllFour * beside.AllFour };
    }

    private static SceneScore Of(bool background, ThingReading? seen, Thing thing)
    {
        var (colour, figure, motion) = (seen?.Colour == thing.Colour, seen?.Figure == thing.Figure, seen?.Motion == thing.Motion);
        return new SceneScore(Count(background), Count(colour), Count(figure), Count(seen?.Size == thing.Size), Count(motion), Count(background && colour && figure && motion));
    }

    /// <summary>The mean of several clips' scores.</summary>
    /// <param name="scores">One or more.</param>
    public static SceneScore Mean(IReadOnlyCollection<SceneScore> scores) => new(
        scores.Average(s => s.Background), scores.Average(s => s.Colour), scores.Average(s => s.Figure),
        scores.Average(s => s.Size), scores.Average(s => s.Motion), scores.Average(s => s.AllFour));

    private static double Count(bool right) => right ? 1 : 0;
}
