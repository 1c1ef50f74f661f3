using OnDeviceSora.Acceleration;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Bench.Quality;

/// <summary>One way to make a video in less time: a row of the paper's Tables 3 and 4.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Group">The technique it is of.</param>
/// <param name="Apply">Makes a request of the same prompt and noise use it.</param>
/// <param name="Transformer">The transformer's precision, or <c>null</c> for the model's own.</param>
internal sealed record Method(string Name, string Group, Func<VideoRequest, VideoRequest> Apply, WeightPrecision? Transformer = null)
{
    public const string Baseline = "no technique", FewerSteps = "fewer steps", Leap = "LPL", Merging = "TDTM", Both = "LPL and TDTM", Precision = "precision";

    /// <summary>The paper's steps; other numbers of steps are divided in the same proportion.</summary>
    private const int PaperSteps = 30;

    /// <summary>All methods, the baseline first.</summary>
    /// <param name="steps">Denoising steps of the baseline.</param>
    /// <param name="precisions">Transformers to compare with the model's own.</param>
    public static IReadOnlyList<Method> All(int steps, IReadOnlyList<WeightPrecision> precisions)
    {
        var (half, most) = (Scaled(15), Scaled(20));
        return
        [
            new($"{steps} steps", Baseline, request => request),
            new($"{half} steps", FewerSteps, request => request with { Steps = half }),
            new($"{Scaled(16)} steps", FewerSteps, request => request with { Steps = Scaled(16) }),
            new($"{most} steps", FewerSteps, request => request with { Steps = most }),
            .. ((int[])[16, 21, 23, 25]).Select(Scaled).Select(computed => new Method($"{computed} of {steps}", Leap, request => request with { Leap = LeapSettings.At(computed - 1) })),
            new("dynamic", Leap, request => request with { Leap = LeapSettings.Automatic }),
            .. ((int[])[10, 15, 20, 25, 30]).Select(Scaled).Select(merged => new Method($"first {merged}", Merging, request => request with { MergeSteps = merged })),
            new($"{Scaled(16)} of {steps}, first {half}", Both, request => request with { Leap = LeapSettings.At(Scaled(16) - 1), MergeSteps = half }),
            new($"dynamic, first {half}", Both, request => request with { Leap = LeapSettings.Automatic, MergeSteps = half }),
            .. precisions.Select(precision => new Method(precision.Name(), Precision, request => request, precision)),
        ];

        int Scaled(int paper) => Math.Max(1, (int)Math.Round(paper * steps / (double)PaperSteps));
    }
}
