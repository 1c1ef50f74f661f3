using OnDeviceSora.Tensors;

namespace OnDeviceSora.Diffusion;

/// <summary>
/// Keeps given frames of a video while the others are denoised: every latent frame says for which last part of the schedule
/// it is denoised. Specification, section 8. Holds the state of one sampling.
/// </summary>
public sealed class FrameMask
{
    private readonly float[] _parts;
    private readonly Action<Span<float>> _drawNoise;
    private readonly bool[] _noised;
    private readonly bool[] _active;

    /// <summary>Creates the mask for one sampling.</summary>
    /// <param name="parts">
    /// For each video and latent frame, <c>[videos, frames]</c> row by row: 1 denoises the frame from the start, 0 keeps it as
    /// it is, a part between starts from the frame with noise added.
    /// </param>
    /// <param name="drawNoise">
    /// Fills all latents' worth of noise; asked once in each step, whether the noise is used or not, as the reference does.
    /// </param>
    public FrameMask(ReadOnlySpan<float> parts, Action<Span<float>> drawNoise)
    {
        foreach (var part in parts)
        {
            if (!(part is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(parts), part, "A frame's part must be between 0 and 1.");
        }
        _parts = parts.ToArray();
        _drawNoise = drawNoise;
        _noised = Array.ConvertAll(_parts, part => part == 1);
        _active = new bool[_parts.Length];
    }

    /// <summary>For each video and frame, whether it is denoised in the present step.</summary>
    public IReadOnlyList<bool> Active => _active;

    /// <summary>Begins a step: frames whose part starts here get the noise of this timestep.</summary>
    internal void Begin(ComputeEngine engine, in DenoisingStep step, Tensor latents)
    {
        Check(latents);
        using var noise = engine.Allocate(latents.Shape.Extents);
        _drawNoise(noise.Span);
        var timestep = step.Timestep;
        for (var i = 0; i < _parts.Length; i++)
        {
            _active[i] = _parts[i] * RectifiedFlowSchedule.TrainingSteps >= timestep;
            if (!_active[i] || _noised[i]) continue;
            foreach (var (start, length) in PlanesOf(i, latents))
            {
                var clean = latents.Span.Slice(start, length);
                RectifiedFlowSchedule.AddNoise(clean, noise.Span.Slice(start, length), timestep, clean);
            }
        }
        _active.CopyTo(_noised, 0);
    }

    /// <summary>Sets the velocity of the frames that are kept to 0, so that the step does not move them.</summary>
    internal void Hold(Tensor velocity)
    {
        for (var i = 0; i < _active.Length; i++)
        {
            if (_active[i]) continue;
            foreach (var (start, length) in PlanesOf(i, velocity)) velocity.Span.Slice(start, length).Clear();
        }
    }

    /// <summary>Where one video's frame lies in each channel of <c>[videos, channels, frames, height, width]</c>.</summary>
    private static IEnumerable<(int Start, int Length)> PlanesOf(int frameOfVideo, Tensor latents)
    {
        var (channels, frames) = (latents.Shape[1], latents.Shape[2]);
        var plane = latents.Shape[3] * latents.Shape[4];
        var (video, frame) = (frameOfVideo / frames, frameOfVideo % frames);
        for (var channel = 0; channel < channels; channel++)
        {
            yield return (((video * channels + channel) * frames + frame) * plane, plane);
        }
    }

    private void Check(Tensor latents)
    {
        if (latents.Shape[0] * latents.Shape[2] != _parts.Length) throw new ArgumentException($"The frame mask has {_parts.Length} parts for latents {latents.Shape}.", nameof(latents));
    }
}
