using OnDeviceSora.Tests.Hub;

namespace OnDeviceSora.Cli.Tests;

/// <summary>
/// Mixes faults into a hub's answers, by chance but always the same: broken connections, 429, 500, 416 that are true and 416
/// that are not, and wrong bytes. Those that make a file begin anew are few, or nothing would ever end.
/// </summary>
internal sealed class ServerFaults(int seed)
{
    private readonly Random _random = new(seed);
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, int> _counts = new(StringComparer.Ordinal);
    private int _restarts = 4;

    /// <summary>How often each fault was given.</summary>
    public IReadOnlyDictionary<string, int> Counts => _counts;

    public LocalHubFault? Next(LocalHubRequest request)
    {
        lock (_lock)
        {
            if (_random.Next(4) > 0) return null;
            var (name, fault) = Draw(request);
            _counts[name] = _counts.GetValueOrDefault(name) + 1;
            return fault;
        }
    }

    private (string Name, LocalHubFault Fault) Draw(LocalHubRequest request) => _random.Next(6) switch
    {
        0 => ("429", new LocalHubFault { Status = 429, Headers = new Dictionary<string, string> { ["Retry-After"] = "0" } }),
        1 => ("500", new LocalHubFault { Status = 500 }),
        2 when request.IsStorage => ("416 though it has the bytes", new LocalHubFault { RefusesRange = true }),
        3 when request.IsStorage && --_restarts >= 0 => ("416", new LocalHubFault { Status = 416 }),
        4 when request.IsStorage && --_restarts >= 0 => ("wrong bytes", new LocalHubFault { WrongBytes = true }),
        _ => ("drop", new LocalHubFault { DropAfter = _random.Next(600_000) }),
    };
}
