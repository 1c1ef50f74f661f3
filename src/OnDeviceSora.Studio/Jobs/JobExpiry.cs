using Microsoft.Extensions.Hosting;

namespace OnDeviceSora.Studio.Jobs;

/// <summary>Deletes videos whose time is over.</summary>
internal sealed class JobExpiry(JobStore store, StudioOptions options, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>When a video will be deleted; <c>null</c> for never.</summary>
    public static DateTimeOffset? Of(VideoJob job, StudioOptions options) => job.CompletedAt + options.Keep;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Keep is null) return;
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            foreach (var job in store.Snapshot.Jobs.Values.Where(IsExpired)) DeleteQuietly(job);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private bool IsExpired(VideoJob job) => job.IsOver && Of(job, options) <= clock.GetUtcNow();

    private void DeleteQuietly(VideoJob job)
    {
        try
        {
            store.Remove(job.Id, IsExpired);
        }
        catch (OutputException)
        {
            // Tried again in a minute.
        }
    }
}
