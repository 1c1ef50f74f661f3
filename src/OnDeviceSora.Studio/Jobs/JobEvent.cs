namespace OnDeviceSora.Studio.Jobs;

/// <summary>Something that happened to a video.</summary>
/// <param name="id">The video.</param>
internal abstract class JobEvent(string id)
{
    private byte[]? _message;

    public string Id { get; } = id;

    /// <summary>The event as it is sent: written once, however many listen.</summary>
    public ReadOnlyMemory<byte> Message(Func<JobEvent, byte[]> write) => _message ??= write(this);

    /// <summary>It changed.</summary>
    public sealed class Changed(VideoJob job) : JobEvent(job.Id)
    {
        public VideoJob Job { get; } = job;
    }

    /// <summary>It is gone.</summary>
    public sealed class Deleted(string id) : JobEvent(id);

    /// <summary>Its generation went on.</summary>
    public sealed class Step(string id, StepReport report) : JobEvent(id)
    {
        public StepReport Report { get; } = report;
    }
}
