namespace OnDeviceSora.Hub;

/// <summary>A transfer failed in a way that may be different next time: a dropped connection, a busy server.</summary>
internal sealed class TransferInterruptedException(string reason, TimeSpan? retryAfter = null, Exception? inner = null) : Exception(reason, inner)
{
    /// <summary>How long the server asks to wait.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}

/// <summary>The server sends whole files only.</summary>
internal sealed class RangesIgnoredException() : Exception("the server ignores ranges");

/// <summary>The server says that the range lies behind the file's end (status 416).</summary>
internal sealed class RangeRefusedException(long? serverSize) : Exception("the server refuses the range")
{
    /// <summary>The size of the server's file, when it says so.</summary>
    public long? ServerSize { get; } = serverSize;
}
