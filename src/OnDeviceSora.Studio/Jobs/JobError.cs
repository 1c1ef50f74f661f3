namespace OnDeviceSora.Studio.Jobs;

/// <summary>Why a video failed.</summary>
/// <param name="Code">One of the constants.</param>
/// <param name="Message">What happened and what to do, without paths of this machine.</param>
internal sealed record JobError(string Code, string Message)
{
    public const string Cancelled = "cancelled", DiskFull = "disk_full", ModelUnavailable = "model_unavailable", OutOfMemory = "out_of_memory",
        InvalidRequest = "invalid_request", GenerationFailed = "generation_failed";
}
