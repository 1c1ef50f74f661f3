namespace OnDeviceSora.Studio.Models;

/// <summary>Settings with a name.</summary>
/// <param name="Id">A word for programs.</param>
/// <param name="Title">A word for people.</param>
/// <param name="Description">What it does, in plain words.</param>
/// <param name="NumInferenceSteps">Denoising steps.</param>
/// <param name="Leap"><c>"off"</c>, <c>"auto"</c>, or the index of the step that leaps.</param>
/// <param name="MergeSteps">Steps with merged tokens.</param>
internal sealed record Preset(string Id, string Title, string Description, int NumInferenceSteps, object Leap, int MergeSteps)
{
    /// <summary>The presets for a model.</summary>
    /// <param name="steps">Its usual steps.</param>
    public static IReadOnlyList<Preset> All(int steps)
    {
        var fewer = Math.Max(1, steps * 2 / 3);
        return
        [
            new("fast", "Fast", "A third of the work: fewer steps, and an early leap to the end. Details suffer.", fewer, Math.Max(0, fewer / 2 - 1), 0),
            new("balanced", "Balanced", "Stops early when the steps stop changing direction, and leaps to the end. Hardly to be told from all steps.", steps, "auto", 0),
            new("paper", "As the paper", "On-device Sora's own settings: the leap when steps agree, and neighbouring frames merged in the first half. Motion suffers.", steps, "auto", steps / 2),
        ];
    }
}
