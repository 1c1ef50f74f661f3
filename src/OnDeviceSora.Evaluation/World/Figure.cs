namespace OnDeviceSora.Evaluation.World;

/// <summary>The shapes of things.</summary>
public enum Figure
{
    /// <summary>A disc.</summary>
    Circle,

    /// <summary>A square that stands on a side.</summary>
    Square,

    /// <summary>A triangle that stands on a side.</summary>
    Triangle,

    /// <summary>A star of five points.</summary>
    Star,

    /// <summary>A disc with a hole.</summary>
    Ring,
}
