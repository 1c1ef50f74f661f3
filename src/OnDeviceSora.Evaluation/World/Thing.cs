namespace OnDeviceSora.Evaluation.World;

/// <summary>A thing of the world.</summary>
/// <param name="Colour">Its colour.</param>
/// <param name="Figure">Its shape.</param>
/// <param name="Size">Its size.</param>
/// <param name="Motion">What it does.</param>
public sealed record Thing(Colour Colour, Figure Figure, Size Size, Motion Motion)
{
    /// <summary>Whether training never showed this shape in this colour: red circle, purple star, pink square.</summary>
    public bool IsHeldOut => (2 * (int)Colour + (int)Figure) % 13 == 0;
}
