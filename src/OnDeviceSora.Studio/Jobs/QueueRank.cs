namespace OnDeviceSora.Studio.Jobs;

/// <summary>Numbers that put a video between two others without touching them.</summary>
internal static class QueueRank
{
    /// <summary>A rank for a place of the queue, or <c>null</c> when there is no number left between its neighbours.</summary>
    /// <param name="others">Those that wait, in order, without the one to place.</param>
    /// <param name="place">How many of them go first.</param>
    public static double? Between(IReadOnlyList<VideoJob> others, int place)
    {
        if (others.Count == 0) return 0;
        if (place == 0) return others[0].Rank - 1;
        if (place == others.Count) return others[^1].Rank + 1;
        var (before, after) = (others[place - 1].Rank, others[place].Rank);
        var middle = before + (after - before) / 2;
        return middle > before && middle < after ? middle : null;
    }
}
