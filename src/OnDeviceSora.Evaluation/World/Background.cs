namespace OnDeviceSora.Evaluation.World;

/// <summary>What is behind things.</summary>
public enum Background
{
    /// <summary>Plain black.</summary>
    Black,

    /// <summary>Plain gray.</summary>
    Gray,

    /// <summary>A dark blue sky with stars.</summary>
    Night,

    /// <summary>A sky from purple to orange.</summary>
    Sunset,

    /// <summary>Grass under a sky.</summary>
    Meadow,

    /// <summary>Water under a sky.</summary>
    Sea,

    /// <summary>Sand under a sky.</summary>
    Desert,
}
