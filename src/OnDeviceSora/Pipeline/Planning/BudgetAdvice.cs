using OnDeviceSora.Budget;
using OnDeviceSora.Checkpoints;
using OnDeviceSora.Streaming;

namespace OnDeviceSora.Pipeline.Planning;

/// <summary>What to say when a request does not fit: the smallest budget, and the longest and the largest video that do.</summary>
/// <param name="planner">Plans within the budget.</param>
/// <param name="limits">The budget.</param>
/// <param name="config">The models' sizes.</param>
internal sealed class BudgetAdvice(GenerationPlanner planner, PlanningLimits limits, ModelConfig config)
{
    private const long Tolerance = 4_000_000;

    /// <summary>The error for a request that does not fit.</summary>
    /// <param name="parameter">The member to name.</param>
    /// <param name="request">A complete request.</param>
    /// <param name="textTokens">Tokens of its prompt.</param>
    public InvalidRequestException For(string parameter, VideoRequest request, int textTokens)
    {
        // What the message asks for must suffice for another process, too, which may be a little larger before it begins.
        var needed = SmallestBudget.RoundUp(planner.SmallestBudget(request, textTokens) + Tolerance);
        var message = $"{Describe(request)} need a budget of at least {MemorySize.Describe(needed)}; this one is {MemorySize.Describe(limits.BudgetBytes)}";
        var fitting = new[] { Shortened(request, textTokens), Shrunk(request, textTokens) }.OfType<VideoRequest>().Select(Describe).ToList();
        if (fitting.Count > 0) return new InvalidRequestException(parameter, $"{message}, which {string.Join(" or ", fitting)} fit.");
        return new InvalidRequestException(parameter, $"{message}, which no video fits{(limits.Mode == StreamingMode.Sequential ? "." : " in this streaming mode; sequential streaming needs the least.")}");
    }

    private static string Describe(VideoRequest request) => $"{request.Frames} {(request.Frames == 1 ? "frame" : "frames")} of {request.Width}x{request.Height}";

    /// <summary>The longest video of the size that fits.</summary>
    private VideoRequest? Shortened(VideoRequest request, int textTokens) =>
        Largest(request.Frames!.Value - 1, frames => request with { Frames = frames }, textTokens);

    /// <summary>The largest video of the length and shape that fits.</summary>
    private VideoRequest? Shrunk(VideoRequest request, int textTokens)
    {
        var (factor, width, height) = (config.Vae.Spatial.Factor, request.Width!.Value, request.Height!.Value);
        return Largest(width / factor - 1, cells => request with { Width = cells * factor, Height = Math.Max(1, (int)((long)height / factor * cells / (width / factor))) * factor }, textTokens);
    }

    private VideoRequest? Largest(int most, Func<int, VideoRequest> make, int textTokens)
    {
        var (fits, fails) = (0, most + 1);
        while (fails - fits > 1)
        {
            var middle = fits + (fails - fits) / 2;
            if (planner.TryPlan(make(middle), textTokens) is null) fails = middle;
            else fits = middle;
        }
        return fits == 0 ? null : make(fits);
    }
}
