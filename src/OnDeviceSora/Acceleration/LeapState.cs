namespace OnDeviceSora.Acceleration;

/// <summary>What Linear Proportional Leap remembers between two steps; immutable, so that it can be saved and gone on from.</summary>
/// <param name="PreviousDrift">The last drift's first channel and frame, row-major <c>[height, width]</c>; <c>null</c> before the first step.</param>
/// <param name="Best">The highest similarity so far; 0 before any counted.</param>
/// <param name="Patience">How many more steps may fail to be better.</param>
public sealed record LeapState(ReadOnlyMemory<float>? PreviousDrift, float Best, int Patience)
{
    /// <summary>The state in which a video starts.</summary>
    /// <param name="settings">When to leap.</param>
    public static LeapState Before(LeapSettings settings) => new(null, 0, settings is LeapSettings.Dynamic dynamic ? dynamic.Patience : 0);
}
