namespace OnDeviceSora.Diffusion;

/// <summary>
/// Shifts timesteps towards noise for large and long videos, which need more of it to be hidden:
/// <c>t -> 1000 r t' / (1 + (r - 1) t')</c> with <c>t' = t / 1000</c>. Specification, section 6.
/// </summary>
/// <param name="Ratio">r, above 0: the square root of the video's size relative to one picture of 512 x 512.</param>
public readonly record struct TimestepTransform(float Ratio)
{
    private const float ReferencePixels = 512 * 512;

    /// <summary>The transform for a video, computed in float32.</summary>
    /// <param name="height">Pixels, 1 or more.</param>
    /// <param name="width">Pixels, 1 or more.</param>
    /// <param name="frames">Frames of the video (not of the latents), 1 or more.</param>
    public static TimestepTransform For(int height, int width, int frames) => For(height, width, frames, x => x);

    /// <summary>
    /// The same for a run in which the reference holds height, width and frames as bfloat16, so that every intermediate
    /// value is rounded to 8 bits.
    /// </summary>
    /// <param name="height">Pixels, 1 or more.</param>
    /// <param name="width">Pixels, 1 or more.</param>
    /// <param name="frames">Frames of the video, 1 or more.</param>
    public static TimestepTransform ForBfloat16(int height, int width, int frames) => For(height, width, frames, RoundToBfloat16);

    /// <summary>Maps a timestep from [0, 1000] to [0, 1000]; both ends stay.</summary>
    public float Apply(float timestep)
    {
        var t = timestep / RectifiedFlowSchedule.TrainingSteps;
        return Ratio * t / (1 + (Ratio - 1) * t) * RectifiedFlowSchedule.TrainingSteps;
    }

    /// <summary>
    /// The number of latent frames as the reference counts it: 5 for every whole 17 frames, the rest ignored. That is 0 for
    /// 2 to 16 frames, where the reference computes 0 / 0; there the true number of latent frames is taken.
    /// </summary>
    private static int CountedFrames(int frames) => frames >= 17 ? frames / 17 * 5 : (frames + 3) / 4;

    private static TimestepTransform For(int height, int width, int frames, Func<float, float> round)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(frames, 1);
        var pixels = round(round(height) * round(width));
        var space = round(MathF.Sqrt(round(pixels / ReferencePixels)));
        var time = round(MathF.Sqrt(round(CountedFrames((int)round(frames)))));
        return new TimestepTransform(round(space * time));
    }

    /// <summary>To the nearest bfloat16, ties to even.</summary>
    private static float RoundToBfloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        bits += 0x7fff + ((bits >> 16) & 1);
        return BitConverter.UInt32BitsToSingle(bits & 0xffff0000);
    }
}
