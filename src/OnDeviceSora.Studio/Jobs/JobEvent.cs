namespace OnDeviceSora.Studio.Jobs;

/// <summary>Something that happened to a video.</summary>
/// <param name="Id">The video.</param>
internal abstract record JobEvent(string Id)
{
    /// <summary>It changed.</summary>
    public sealed record Changed(VideoJob Job) : JobEvent(Job.Id);

    /// <summary>It is gone.</summary>
    public sealed record Deleted(string Video) : JobEvent(Video);

    /// <summary>Its generation went on.</summary>
    public sealed record Step(string Video, StepReport Report) : JobEvent(Video);
}
