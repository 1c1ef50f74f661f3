namespace OnDeviceSora.Evaluation.World;

/// <summary>Where a thing is in a frame, in pixels from the top left.</summary>
/// <param name="X">Column of its centre.</param>
/// <param name="Y">Row of its centre.</param>
/// <param name="Radius">Its radius.</param>
internal readonly record struct Place(float X, float Y, float Radius);
