namespace OnDeviceSora.Evaluation.World;

/// <summary>What things do.</summary>
public enum Motion
{
    /// <summary>Moves left.</summary>
    Left,

    /// <summary>Moves right.</summary>
    Right,

    /// <summary>Rises.</summary>
    Up,

    /// <summary>Falls.</summary>
    Down,

    /// <summary>Bounces twice.</summary>
    Bounce,

    /// <summary>Becomes larger.</summary>
    Grow,

    /// <summary>Becomes smaller.</summary>
    Shrink,

    /// <summary>Stays where it is.</summary>
    Still,

    /// <summary>Goes round once, clockwise from the top.</summary>
    Orbit,
}
