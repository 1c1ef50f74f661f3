namespace OnDeviceSora.Studio.Jobs;

/// <summary>What the videos of this server say about plans: how much longer they took than planned. Plans count operations, and small models spend their time between them.</summary>
internal static class PlanExperience
{
    private const int Recent = 9;
    private const double Least = 0.1, Most = 20;

    /// <summary>What a planned time is to be multiplied by: the median of the last videos; 1 before the first.</summary>
    public static double Factor(JobSnapshot jobs)
    {
        var ratios = jobs.Jobs.Values.Reverse()
            .Where(job => job is { Status: JobStatus.Completed, PlannedSeconds: > 0, Outcome.Seconds: > 0 })
            .Take(Recent)
            .Select(job => job.Outcome!.Seconds / job.PlannedSeconds!.Value)
            .Order()
            .ToList();
        return ratios.Count == 0 ? 1 : Math.Clamp(ratios[ratios.Count / 2], Least, Most);
    }
}
