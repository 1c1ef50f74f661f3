using System.Collections.Immutable;

namespace OnDeviceSora.Studio.Jobs;

/// <summary>All videos at one moment.</summary>
internal sealed class JobSnapshot
{
    private readonly Lazy<IReadOnlyList<VideoJob>> _waiting;
    private readonly Lazy<Dictionary<string, int>> _positions;

    /// <param name="jobs">By id, that is by age.</param>
    public JobSnapshot(ImmutableSortedDictionary<string, VideoJob> jobs)
    {
        Jobs = jobs;
        _waiting = new(() => [.. jobs.Values.Where(job => job.Status == JobStatus.Queued).OrderBy(job => job.Rank).ThenBy(job => job.Id, StringComparer.Ordinal)]);
        _positions = new(() => Waiting.Index().ToDictionary(place => place.Item.Id, place => place.Index, StringComparer.Ordinal));
    }

    /// <summary>All videos by id: oldest first.</summary>
    public ImmutableSortedDictionary<string, VideoJob> Jobs { get; }

    /// <summary>Those that wait, next first.</summary>
    public IReadOnlyList<VideoJob> Waiting => _waiting.Value;

    /// <summary>The largest rank of all, or 0.</summary>
    public double LastRank => Jobs.IsEmpty ? 0 : Jobs.Values.Max(job => job.Rank);

    /// <summary>The video that runs next: first what an earlier server was interrupted in.</summary>
    public VideoJob? Next => Jobs.Values.Where(job => job.Status == JobStatus.InProgress).MinBy(job => job.Rank) ?? (Waiting.Count > 0 ? Waiting[0] : null);

    /// <summary>How many of those that wait go before it; <c>null</c> when it does not wait.</summary>
    public int? PositionOf(string id) => _positions.Value.TryGetValue(id, out var place) ? place : null;
}
