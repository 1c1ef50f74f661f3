using OnDeviceSora.Tests.Hub;

namespace OnDeviceSora.Cli.Tests;

/// <summary>
/// Mixes faults into a hub's answers: broken connections, 429, 500, 416 that are true and 416 that are not, and wrong bytes. Which answers
/// have one is chance; which fault it is, the one that was given least, so that each comes soon however requests interleave. Those that
/// make a file begin anew are few, or nothing would ever end.
/// </summary>
internal sealed class ServerFaults(int seed)
{
    private const int MostRestarts = 2;
    private static readonly string[] OfAnyRequest = ["429", "500", "drop"];
    private static readonly string[] OfStorage = [.. OfAnyRequest, "416 though it has the bytes"];
    private static readonly string[] Restarting = ["416", "wrong bytes"];

    private readonly Random _random = new(seed);
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, int> _counts = new(StringComparer.Ordinal);
    private int _mostRestarts = MostRestarts;

    /// <summary>How often each fault was given.</summary>
    public IReadOnlyDictionary<string, int> Counts => _counts;

    /// <summary>From now on only faults that cost no more than a part.</summary>
    public void NoMoreRestarts()
    {
        lock (_lock) _mostRestarts = 0;
    }

    public LocalHubFault? Next(LocalHubRequest request)
    {
        lock (_lock)
        {
            if (_random.Next(4) > 0) return null;
            var name = Possible(request).MinBy(CountOf)!;
            _counts[name] = CountOf(name) + 1;
            return Make(name);
        }
    }

    private IEnumerable<string> Possible(LocalHubRequest request) =>
        request.IsStorage ? Restarting.Where(name => CountOf(name) < _mostRestarts).Concat(OfStorage) : OfAnyRequest;

    private int CountOf(string name) => _counts.GetValueOrDefault(name);

    private LocalHubFault Make(string name) => name switch
    {
        "429" => new LocalHubFault { Status = 429, Headers = new Dictionary<string, string> { ["Retry-After"] = "0" } },
        "500" => new LocalHubFault { Status = 500 },
        "416" => new LocalHubFault { Status = 416 },
        "416 though it has the bytes" => new LocalHubFault { RefusesRange = true },
        "wrong bytes" => new LocalHubFault { WrongBytes = true },
        _ => new LocalHubFault { DropAfter = _random.Next(600_000) },
    };
}
