using Microsoft.Extensions.Logging;

namespace OnDeviceSora.Studio;

/// <summary>What the server logs.</summary>
internal static partial class StudioLog
{
    [LoggerMessage(1, LogLevel.Information, "listening at {Address}, {Waiting} videos waiting, data in {Folder}")]
    public static partial void Listening(ILogger log, string address, int waiting, string folder);

    [LoggerMessage(2, LogLevel.Information, "{Id}: created, {Width}x{Height}, {Frames} frames, {Steps} steps")]
    public static partial void Created(ILogger log, string id, int? width, int? height, int? frames, int? steps);

    [LoggerMessage(3, LogLevel.Information, "{Id}: started")]
    public static partial void Started(ILogger log, string id);

    [LoggerMessage(4, LogLevel.Information, "{Id}: goes on after step {Step}")]
    public static partial void Continued(ILogger log, string id, int step);

    [LoggerMessage(5, LogLevel.Information, "{Id}: completed in {Seconds} s")]
    public static partial void Completed(ILogger log, string id, double seconds);

    [LoggerMessage(6, LogLevel.Warning, "{Id}: failed ({Code}): {Reason}")]
    public static partial void Failed(ILogger log, string id, string code, string reason);

    [LoggerMessage(7, LogLevel.Information, "{Id}: interrupted; it goes on when the server starts again")]
    public static partial void Interrupted(ILogger log, string id);

    [LoggerMessage(8, LogLevel.Information, "{Id}: deleted")]
    public static partial void Deleted(ILogger log, string id);

    [LoggerMessage(9, LogLevel.Warning, "{Id}: its job.json cannot be read, so it is left alone: {Reason}")]
    public static partial void UnreadableJob(ILogger log, string id, string reason);

    [LoggerMessage(10, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void RequestFailed(ILogger log, string method, string path, Exception error);

    [LoggerMessage(11, LogLevel.Warning, "{Id}: {Note}")]
    public static partial void Note(ILogger log, string id, string note);

    [LoggerMessage(12, LogLevel.Error, "{Id}: unexpected error, please report it")]
    public static partial void Unexpected(ILogger log, string id, Exception error);

    [LoggerMessage(13, LogLevel.Information, "stopping; the state of the running video is saved")]
    public static partial void Stopping(ILogger log);
}
