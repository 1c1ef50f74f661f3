namespace OnDeviceSora.Diffusion;

/// <summary>One Euler step along the rectified flow.</summary>
/// <param name="Index">Counted from 0.</param>
/// <param name="Timestep">What the model is told: (0, 1000], 1000 is pure noise.</param>
/// <param name="Length">How far the latents move along the velocity, as a part of the whole way: (0, 1].</param>
/// <param name="Remaining">What is left of the way, this step included: the length of a leap. (0, 1].</param>
public readonly record struct DenoisingStep(int Index, float Timestep, float Length, float Remaining);
