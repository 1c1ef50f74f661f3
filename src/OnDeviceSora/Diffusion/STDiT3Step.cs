using OnDeviceSora.Acceleration;

namespace OnDeviceSora.Diffusion;

/// <summary>What every block of one forward pass is told.</summary>
/// <param name="Modulation">Shifts, scales and gates of this timestep.</param>
/// <param name="Text">The caption.</param>
/// <param name="Merging">Whether frames are merged around attention.</param>
/// <param name="Rope">Rotary angles of the temporal blocks.</param>
/// <param name="Slices">In how many slices the sublayers are computed.</param>
internal sealed record STDiT3Step(
    StepModulation Modulation, TextConditioning Text, TemporalTokenMerging Merging, RopeTables Rope, ActivationSlices Slices);
