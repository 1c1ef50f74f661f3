namespace OnDeviceSora.Studio.Jobs;

/// <summary>Hears what a pipeline reports of one video, and tells everybody. Called on the thread that computes: must be quick.</summary>
internal sealed class JobProgress : IProgress<GenerationProgress>
{
    private readonly VideoJob _job;
    private readonly RunningVideo _running;
    private readonly VideoFiles _files;
    private readonly JobStore _store;
    private readonly JobFeed _feed;
    private readonly double _elapsedBefore;
    private Task<bool>? _previewWriting;
    private bool _hasPreview;

    public JobProgress(VideoJob job, RunningVideo running, VideoFiles files, JobStore store, JobFeed feed)
    {
        (_job, _running, _files, _store, _feed) = (job, running, files, store, feed);
        _elapsedBefore = running.Steps.Steps is [.., var last] ? last.ElapsedS : 0;
    }

    public void Report(GenerationProgress value)
    {
        var step = StepReport.Of(value, _elapsedBefore, WritePreview(value));
        _running.Report(step);
        _feed.Step(_job.Id, step);
        var percent = Stages.ProgressOf(value);
        // Losing the last percents to a power failure is fine: the checkpoint has the work.
        try
        {
            _store.Change(_job.Id, job => percent > job.Progress ? job with { Progress = percent } : null, survivesPowerLoss: false);
        }
        catch (OutputException)
        {
            // What needs the disk fails by itself.
        }
    }

    /// <summary>Writes one at a time, beside the computation; a step that comes meanwhile is not drawn.</summary>
    /// <returns>Whether there is one to be asked for.</returns>
    private bool WritePreview(GenerationProgress value)
    {
        if (value.Preview is not { } frames) return false;
        _hasPreview |= _previewWriting is { IsCompletedSuccessfully: true, Result: true };
        if (_previewWriting is null or { IsCompleted: true })
        {
            // As long as the whole video, in fewer pictures.
            var rate = Math.Max(1, (int)Math.Round(frames.Count * (double)_job.Request.FramesPerSecond!.Value / _job.Request.Frames!.Value));
            _previewWriting = Task.Run(() => _files.WritePreviewAsync(frames, rate));
        }
        return _hasPreview;
    }
}
