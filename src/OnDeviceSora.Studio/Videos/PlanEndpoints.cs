using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnDeviceSora.Studio.Jobs;

namespace OnDeviceSora.Studio.Videos;

/// <summary>What a video would take, without making it.</summary>
internal static class PlanEndpoints
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapPost("/videos/plan", PlanAsync).WithSummary("What a video would take").TakesCreate().Produces<VideoPlan>().Refuses(400, 413, 415);

    private static async Task<VideoPlan> PlanAsync(HttpContext context, VideoOrders orders, JobStore store, JobRunner runner)
    {
        var order = orders.Of(await RequestBody.ReadAsync(context).ConfigureAwait(false));
        var plan = await Task.Run(() => orders.Plan(order)).ConfigureAwait(false);
        return VideoPlan.Of(order, plan, store.Snapshot, runner.Running);
    }
}

/// <summary>The answer to a plan. Memory is in MB (1e6 bytes), times in seconds.</summary>
internal sealed record VideoPlan(
    string Size, string Seconds, int NumFrames, int Fps, int NumInferenceSteps, IReadOnlyList<string> Adjusted, double BudgetMb, double PeakMemoryMb, double? ExpectedS,
    int? DecodeTile, IReadOnlyList<VideoStagePlan> Stages, int Waiting, double WaitingS)
{
    public static VideoPlan Of(VideoOrder order, GenerationPlan plan, JobSnapshot jobs, RunningVideo? running)
    {
        var request = order.Request;
        var factor = PlanExperience.Factor(jobs);
        var waitingSeconds = factor * jobs.Waiting.Sum(job => job.PlannedSeconds ?? 0) + (running?.RemainingSeconds ?? 0);
        return new VideoPlan(
            $"{request.Width}x{request.Height}", order.Seconds, request.Frames!.Value, request.FramesPerSecond!.Value, request.Steps!.Value, order.Adjusted,
            Megabytes(plan.BudgetBytes), Megabytes(plan.PeakBytes), Rounded(factor * plan.Time), plan.DecodeTile,
            [.. plan.Stages.Select(stage => new VideoStagePlan(NameOf(stage.Kind), Rounded(factor * stage.Time), Megabytes(stage.PeakBytes), Megabytes(stage.LoadBytes), stage.Blocks, stage.ResidentBlocks))],
            jobs.Waiting.Count + (running is null ? 0 : 1), Math.Round(waitingSeconds, 1));
    }

    private static string NameOf(PlannedStage stage) => stage switch
    {
        PlannedStage.TextEncoding => "text_encoding",
        PlannedStage.Denoising => "denoising",
        PlannedStage.TemporalDecoding => "temporal_decoding",
        _ => "spatial_decoding",
    };

    private static double Megabytes(long bytes) => Math.Round(bytes / 1e6, 1);

    private static double? Rounded(TimeSpan? time) => time is { } value ? Math.Round(value.TotalSeconds, 1) : null;
}

/// <summary>What one stage would take.</summary>
internal sealed record VideoStagePlan(string Stage, double? ExpectedS, double PeakMemoryMb, double LoadMb, int Blocks, int ResidentBlocks);
