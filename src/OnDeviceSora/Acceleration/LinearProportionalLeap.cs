using OnDeviceSora.Tensors;

namespace OnDeviceSora.Acceleration;

/// <summary>
/// Linear Proportional Leap (paper, section 4; specification, section 11). The trajectory of a rectified flow becomes straight:
/// once the drift has stopped turning, one step of the remaining length along it finishes the video. Holds the state of one
/// video.
/// </summary>
public sealed class LinearProportionalLeap
{
    private readonly LeapSettings _settings;

    /// <summary>Starts a video, or goes on with one.</summary>
    /// <param name="settings">When to leap.</param>
    /// <param name="state">Where the video stands; <c>null</c> for its start.</param>
    /// <exception cref="InvalidRequestException">A setting is outside its range.</exception>
    public LinearProportionalLeap(LeapSettings settings, LeapState? state = null)
    {
        settings.Check();
        _settings = settings;
        State = state ?? LeapState.Before(settings);
    }

    /// <summary>What is remembered for the next step.</summary>
    public LeapState State { get; private set; }

    /// <summary>
    /// Cosine similarity of the last drift to the one before it, -1 to 1: the mean over the rows of the first latent frame's
    /// first channel. <c>null</c> after the first step.
    /// </summary>
    public float? LastSimilarity { get; private set; }

    /// <summary>Looks at a step's drift and decides whether this step takes all the remaining time.</summary>
    /// <param name="step">Index of the step, from 0; call for every one, in order.</param>
    /// <param name="drift">Guided velocity <c>[batch, channels, frames, height, width]</c>.</param>
    public bool ShouldLeap(int step, Tensor drift)
    {
        var (height, width) = (drift.Shape[-2], drift.Shape[-1]);
        var plane = drift.Reshape(checked((int)drift.Length)).Slice(0, height * width).Span;
        LastSimilarity = State.PreviousDrift is { } previous ? Similarity(plane, previous.Span, width) : null;
        State = State with { PreviousDrift = plane.ToArray() };
        return _settings switch
        {
            LeapSettings.Fixed target => step == target.Step,
            LeapSettings.Dynamic rule => HasStoppedRising(rule, step),
            _ => false,
        };
    }

    private bool HasStoppedRising(LeapSettings.Dynamic rule, int index)
    {
        if (index < rule.MinimumSteps || LastSimilarity is not { } similarity) return false;
        if (similarity > State.Best + rule.Tolerance)
        {
            State = State with { Best = similarity, Patience = rule.Patience };
            return false;
        }
        State = State with { Patience = State.Patience - 1 };
        return State.Patience <= 0;
    }

    private static float Similarity(ReadOnlySpan<float> drift, ReadOnlySpan<float> previous, int width)
    {
        var rows = drift.Length / width;
        var sum = 0f;
        for (var row = 0; row < rows; row++) sum += Cosine(drift.Slice(row * width, width), previous.Slice(row * width, width));
        return sum / rows;
    }

    private static float Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        const float Smallest = 1e-8f;
        float product = 0, aa = 0, bb = 0;
        for (var i = 0; i < a.Length; i++)
        {
            product += a[i] * b[i];
            aa += a[i] * a[i];
            bb += b[i] * b[i];
        }
        return product / MathF.Max(MathF.Sqrt(aa) * MathF.Sqrt(bb), Smallest);
    }
}
