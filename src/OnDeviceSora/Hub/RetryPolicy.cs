namespace OnDeviceSora.Hub;

/// <summary>How often and how long after a failure to try again.</summary>
/// <param name="Attempts">Attempts in a row that may fail without progress, 1 or more.</param>
/// <param name="FirstDelay">The wait after the first failure; it doubles with each further one, give or take a quarter.</param>
/// <param name="LongestDelay">The longest such wait.</param>
/// <param name="LongestServerDelay">The longest wait that a server may ask for (Retry-After); beyond it the transfer fails.</param>
internal sealed record RetryPolicy(int Attempts, TimeSpan FirstDelay, TimeSpan LongestDelay, TimeSpan LongestServerDelay)
{
    /// <summary>8 attempts over about a minute; servers may ask for up to five minutes.</summary>
    public static RetryPolicy Default { get; } = new(8, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5));

    /// <summary>The wait before the next attempt.</summary>
    /// <param name="failures">Failures in a row so far, 1 or more.</param>
    /// <param name="serverDelay">What the server asked for, if it did.</param>
    public TimeSpan Delay(int failures, TimeSpan? serverDelay)
    {
        var doubled = FirstDelay * Math.Pow(2, Math.Min(failures - 1, 30));
        var backoff = (doubled < LongestDelay ? doubled : LongestDelay) * (0.75 + 0.5 * Random.Shared.NextDouble());
        return serverDelay is { } asked && asked > backoff ? asked : backoff;
    }
}
