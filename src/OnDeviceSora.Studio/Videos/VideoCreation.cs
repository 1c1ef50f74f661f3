using Microsoft.Extensions.Logging;
using OnDeviceSora.Studio.Errors;
using OnDeviceSora.Studio.Jobs;
using OnDeviceSora.Studio.Models;
using OnDeviceSora.Studio.Telemetry;

namespace OnDeviceSora.Studio.Videos;

/// <summary>Puts orders into the queue.</summary>
internal sealed class VideoCreation(JobStore store, JobRunner runner, VideoIds ids, VideoOrders orders, StudioModel model, StudioMetrics metrics, TimeProvider clock, StudioOptions options, ILogger<VideoCreation> log)
{
    private const int ShortestWait = 5, LongestWait = 600;

    /// <summary>Plans an order, and saves it as a video that waits.</summary>
    /// <exception cref="ApiException">It does not fit the memory, or too many wait already.</exception>
    /// <exception cref="OutputException">It cannot be saved.</exception>
    public VideoJob Create(VideoOrder order, string? remixedFrom)
    {
        if (store.Snapshot.Waiting.Count >= options.QueueLimit) throw Full();
        var plan = orders.Plan(order);
        var job = store.Add(lastRank => new VideoJob
        {
            Id = ids.Next(),
            Request = order.Request,
            Model = model.Id,
            CreatedAt = clock.GetUtcNow(),
            Rank = lastRank + 1,
            Seconds = order.Seconds,
            Memory = order.Memory,
            PlannedSeconds = plan.Time?.TotalSeconds,
            Adjusted = order.Adjusted,
            RemixedFrom = remixedFrom,
        });
        metrics.Created();
        StudioLog.Created(log, job.Id, job.Request.Width, job.Request.Height, job.Request.Frames, job.Request.Steps);
        return job;
    }

    private ApiException Full() => new(429, $"{options.QueueLimit} videos wait already, which is the limit; try again later", code: "queue_full")
    {
        RetryAfter = Math.Clamp((int)(runner.Running?.RemainingSeconds ?? 0), ShortestWait, LongestWait),
    };
}
