namespace OnDeviceSora.Evaluation.World;

/// <summary>A colour, or a difference of colours; a picture's are 0 to 255.</summary>
internal readonly record struct Rgb(float R, float G, float B)
{
    public float SquaredLength => Dot(this, this);

    public float Length => MathF.Sqrt(SquaredLength);

    public static Rgb operator +(Rgb a, Rgb b) => new(a.R + b.R, a.G + b.G, a.B + b.B);

    public static Rgb operator -(Rgb a, Rgb b) => new(a.R - b.R, a.G - b.G, a.B - b.B);

    public static Rgb operator *(Rgb a, float factor) => new(a.R * factor, a.G * factor, a.B * factor);

    public static float Dot(Rgb a, Rgb b) => a.R * b.R + a.G * b.G + a.B * b.B;

    /// <summary>The colour on the way from one to another, 0 to 1.</summary>
    public static Rgb Between(Rgb from, Rgb to, float way) => from + (to - from) * way;
}
