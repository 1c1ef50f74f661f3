using OnDeviceSora.Bench.Peers;
using OnDeviceSora.Benchmarks;
using OnDeviceSora.Budget;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Bench.Comparisons;

/// <summary>One piece of work, done here in every precision and, run by run in turn, by the peers.</summary>
/// <param name="engine">Where we compute.</param>
/// <param name="peers">The others that are installed.</param>
/// <param name="runs">Counted runs; <c>null</c> for as many as the work's time has room for.</param>
internal sealed class Comparison(ComputeEngine engine, IReadOnlyList<PeerRuntime> peers, int? runs)
{
    /// <summary>The machine's limits are measured in every turn, for so long each.</summary>
    private static readonly TimeSpan LimitTime = TimeSpan.FromMilliseconds(100);

    /// <summary>What processes take beside weights.</summary>
    private const double BytesBeside = 2e9;

    /// <summary>Runs it.</summary>
    public ComparisonResult Run(BenchItem item)
    {
        var (ours, others) = (new List<OwnContender>(), new List<PeerProcess>());
        try
        {
            foreach (var precision in item.Work.Precisions)
            {
                if (HasRoom(item.Work, precision.WeightBytes(), precision.Name())) ours.Add(new OwnContender(engine, item.Work, precision));
            }
            foreach (var peer in peers.Where(peer => peer.Knows(item.Work.Name))) others.AddRange(Start(peer, item));
            return Measure(item, ours, others);
        }
        finally
        {
            foreach (var contender in (IEnumerable<IContender>)[.. ours, .. others]) contender.Dispose();
        }
    }

    private IEnumerable<PeerProcess> Start(PeerRuntime peer, BenchItem item)
    {
        foreach (var precision in peer.Precisions)
        {
            if (!HasRoom(item.Work, precision switch { "bf16" => 2, "int8" => 1, _ => 4 }, $"{peer.Name} {precision}")) continue;
            if (StartOne(peer, item, precision) is { } started) yield return started;
        }
    }

    private PeerProcess? StartOne(PeerRuntime peer, BenchItem item, string precision)
    {
        try
        {
            var process = new PeerProcess(peer, item.Work.Name, precision, engine.Threads);
            if (runs is not null || Schedule.IsWorthWhile(process.ExpectedSeconds, item.Budget)) return process;
            BenchNotes.Write($"{item.Work.Name}: {process.Name} is left out, a run takes about {process.ExpectedSeconds:0} s; --runs 1 waits for it");
            process.Dispose();
        }
        catch (PeerException e)
        {
            BenchNotes.Write($"{item.Work.Name}: {peer.Name} {precision} cannot do it: {e.Message}");
        }
        return null;
    }

    private ComparisonResult Measure(BenchItem item, List<OwnContender> ours, List<PeerProcess> others)
    {
        IContender[] all = [.. ours, .. others];
        var rounds = runs ?? Schedule.Rounds(all.Select(contender => contender.ExpectedSeconds), item.Budget);
        var seconds = all.Select(_ => new double[rounds]).ToArray();
        var limits = new List<MachineLimits>();
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < all.Length; i++) seconds[i][round] = all[i].Run();
            limits.Add(MachineLimits.Measure(engine, LimitTime));
        }
        var machine = MachineLimits.MedianOf(limits);
        return new ComparisonResult(
            item.Work,
            [.. ours.Select((own, i) => new OwnTiming(own.Precision, seconds[i], machine.Of(item.Work, item.Work.Products(engine, own.Precision), own.Precision)))],
            [.. others.Select((other, i) => new PeerTiming(other.Name, seconds[ours.Count + i]))]);
    }

    private static bool HasRoom(IBenchmarkWork work, int weightBytes, string name)
    {
        var needed = work.Weights * weightBytes + BytesBeside;
        if (needed <= new MachineMemory().AvailableBytes) return true;
        BenchNotes.Write($"{work.Name}: {name} is left out, beside the others it needs {needed / 1e9:0.0} GB more than there are");
        return false;
    }
}
