using System.Globalization;

namespace OnDeviceSora.Text;

/// <summary>
/// Which frames of a reference go where in the video, and how much they may change: one group of a mask strategy. Everything is
/// counted in latent frames. Specification section 8.
/// </summary>
/// <param name="Loop">The loop it applies to.</param>
/// <param name="Reference">Which reference, from 0.</param>
/// <param name="ReferenceStart">First frame of the reference; negative counts from its end.</param>
/// <param name="TargetStart">First frame of the video; negative counts from its end.</param>
/// <param name="Length">How many frames.</param>
/// <param name="EditRatio">The fraction of the schedule during which the frames are denoised: 0 keeps them, 1 makes them anew.</param>
internal sealed record MaskStrategy(int Loop, int Reference, int ReferenceStart, int TargetStart, int Length, double EditRatio)
{
    private const int FieldCount = 6;
    private static readonly string[] Defaults = ["0", "0", "0", "0", "1", "0"];

    /// <summary>Reads groups separated by semicolons, each of one to six fields separated by commas.</summary>
    /// <param name="text">The strategy; <c>null</c> or nothing gives no groups.</param>
    /// <exception cref="InvalidRequestException">A group has too many fields, or a field is not a number.</exception>
    public static IReadOnlyList<MaskStrategy> Parse(string? text) =>
        string.IsNullOrEmpty(text) ? [] : [.. text.Split(';').Select(ParseGroup)];

    private static MaskStrategy ParseGroup(string group)
    {
        string[] given = group.Split(',');
        if (given.Length > FieldCount)
            throw Malformed(group, $"it has {given.Length} fields, and at most {FieldCount} are known");
        string[] fields = [.. given, .. Defaults[given.Length..]];
        int[] numbers = [.. fields.Take(FieldCount - 1).Select(field => ParseNumber(group, field))];
        if (!double.TryParse(fields[^1], NumberStyles.Float, CultureInfo.InvariantCulture, out double ratio) || ratio is not (>= 0 and <= 1))
            throw Malformed(group, $"the edit ratio '{fields[^1]}' is not a number from 0 to 1");
        return new MaskStrategy(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], ratio);
    }

    private static int ParseNumber(string group, string field) =>
        int.TryParse(field, NumberStyles.Integer, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw Malformed(group, $"'{field}' is not a whole number");

    private static InvalidRequestException Malformed(string group, string what) =>
        new("MaskStrategy", $"the mask strategy '{group}' is not understood: {what}; " +
            "write loop,reference,reference start,target start,length,edit ratio, for example 0,0,0,0,1,0.");

    /// <summary>Snaps a frame to a multiple of a step, as the temporal autoencoder's groups need it.</summary>
    /// <param name="frame">The frame, 0 or more.</param>
    /// <param name="step">The step, 1 or more (5 latent frames in the reference).</param>
    /// <param name="count">The number of frames there are.</param>
    /// <returns>The nearest multiple, the lower one at half-way, and never one after the last whole step.</returns>
    public static int Snap(int frame, int step, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(frame);
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        int steps = frame / step;
        bool roundsUp = frame % step * 2L > step && steps < count / step - 1;
        return (roundsUp ? steps + 1 : steps) * step;
    }
}
