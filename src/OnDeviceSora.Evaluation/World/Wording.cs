namespace OnDeviceSora.Evaluation.World;

/// <summary>How sentences tell of scenes.</summary>
public enum Wording
{
    /// <summary>In the world's own words: "a big red ring moving left over the sea".</summary>
    Usual,

    /// <summary>As people write, with words that say nothing of the scene: "a video of a huge red hoop that rolls to the left across the ocean."</summary>
    Free,
}
