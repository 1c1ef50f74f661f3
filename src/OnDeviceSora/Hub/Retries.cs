namespace OnDeviceSora.Hub;

/// <summary>Tries again after failures that may pass, as the policy says.</summary>
/// <param name="what">What is transferred, for messages.</param>
/// <param name="policy">How often, how long.</param>
/// <param name="note">Told about waits that a person may wonder about.</param>
internal sealed class Retries(string what, RetryPolicy policy, Action<string>? note = null)
{
    // Shorter waits are not worth a line.
    private static readonly TimeSpan NotedDelay = TimeSpan.FromSeconds(3);
    private int _failures;

    /// <summary>Runs the attempts.</summary>
    /// <exception cref="DownloadException">Too many failed in a row.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> attempt, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return await attempt().ConfigureAwait(false);
            }
            catch (TransferInterruptedException e)
            {
                await WaitAsync(e, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>An attempt got somewhere: the next failure counts as the first.</summary>
    public void Progressed() => _failures = 0;

    private async Task WaitAsync(TransferInterruptedException failure, CancellationToken cancellation)
    {
        if (++_failures >= policy.Attempts)
            throw new DownloadException(what, $"{failure.Message}; gave up after {_failures} attempts without progress, what arrived is kept: run the same command again later", failure);
        if (failure.RetryAfter > policy.LongestServerDelay)
            throw new DownloadException(what, $"{failure.Message} and asks to come back in {failure.RetryAfter.Value.TotalMinutes:0} minutes; what arrived is kept", failure);
        var delay = policy.Delay(_failures, failure.RetryAfter);
        if (delay >= NotedDelay) note?.Invoke($"{what}: {failure.Message}; trying again in {delay.TotalSeconds:0} s");
        await Task.Delay(delay, cancellation).ConfigureAwait(false);
    }
}
