using System.Text.Json;

namespace OnDeviceSora.Checkpoints;

/// <summary>What a model is best asked for: the values that take the place of what a request leaves open (specification 10).</summary>
internal sealed record SamplingConfig
{
    /// <summary>Height in pixels.</summary>
    public required int Height { get; init; }

    /// <summary>Width in pixels.</summary>
    public required int Width { get; init; }

    /// <summary>Frames.</summary>
    public required int NumFrames { get; init; }

    /// <summary>Frames a second.</summary>
    public int Fps { get; init; } = 24;

    /// <summary>Denoising steps.</summary>
    public int NumSamplingSteps { get; init; } = 30;

    /// <summary>Length of the diffusion's time axis.</summary>
    public int NumTimesteps { get; init; } = 1000;

    /// <summary>Whether timesteps are bent by size and length (specification 6).</summary>
    public bool UseTimestepTransform { get; init; } = true;

    /// <summary>Whether timesteps are rounded to integers.</summary>
    public bool UseDiscreteTimesteps { get; init; }

    /// <summary>Classifier-free guidance scale.</summary>
    public float GuidanceScale { get; init; } = 7;

    /// <summary>The aesthetic score written behind a prompt; <c>null</c> for none.</summary>
    public float? AestheticScore { get; init; } = 6.5f;

    /// <summary>Reads and checks the object of a configuration file.</summary>
    /// <param name="config">The object; unknown keys are ignored.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="InvalidFileException">A value is missing or out of bounds.</exception>
    public static SamplingConfig Parse(JsonElement config, string path)
    {
        var section = ConfigSection.Of(path, "sampling", config);
        return new SamplingConfig
        {
            Height = section.Int("height", 1, 16_384),
            Width = section.Int("width", 1, 16_384),
            NumFrames = section.Int("num_frames", 1, 100_000),
            Fps = section.Int("fps", 1, 120, 24),
            NumSamplingSteps = section.Int("num_sampling_steps", 1, 1000, 30),
            NumTimesteps = section.Int("num_timesteps", 1, 1_000_000, 1000),
            UseTimestepTransform = section.Flag("use_timestep_transform", true),
            UseDiscreteTimesteps = section.Flag("use_discrete_timesteps", false),
            GuidanceScale = (float)section.Number("guidance_scale", 0, 100, 7),
            AestheticScore = section.IsNull("aesthetic_score") ? null : (float)section.Number("aesthetic_score", 0, 100, 6.5),
        };
    }
}
