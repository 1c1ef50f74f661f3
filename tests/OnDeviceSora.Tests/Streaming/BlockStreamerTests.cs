using System.Collections.Concurrent;
using OnDeviceSora.Budget;
using OnDeviceSora.Streaming;
using OnDeviceSora.Tensors;
using OnDeviceSora.Timeline;

namespace OnDeviceSora.Tests.Streaming;

public sealed class BlockStreamerTests : IDisposable
{
    private const int Blocks = 6;
    private const int BlockFloats = 1 << 20;
    private const long BlockBytes = BlockFloats * sizeof(float);

    private readonly ComputeEngine _engine = new();
    private readonly ConcurrentQueue<int> _loaded = [];
    private readonly BlockTimeline _timeline = new();

    public void Dispose() => _engine.Dispose();

    public static TheoryData<StreamingMode> Modes => [.. Enum.GetValues<StreamingMode>()];

    [Theory]
    [MemberData(nameof(Modes))]
    public void Every_pass_hands_out_every_block_in_order_with_its_own_weights(StreamingMode mode)
    {
        using var streamer = Streamer(mode);
        for (var pass = 0; pass < 3; pass++) Assert.Equal(Enumerable.Range(0, Blocks), Run(streamer));
    }

    [Theory]
    [InlineData(StreamingMode.Sequential, 1)]
    [InlineData(StreamingMode.Concurrent, 2)]
    [InlineData(StreamingMode.Resident, Blocks)]
    public void A_mode_holds_as_many_blocks_as_it_should_and_no_more(StreamingMode mode, int held)
    {
        using var streamer = Streamer(mode);
        _engine.Memory.ResetPeak();
        Run(streamer);
        Run(streamer);
        Assert.Equal(held * BlockBytes, _engine.Memory.PeakBytes);
    }

    [Theory]
    [InlineData(StreamingMode.Sequential)]
    [InlineData(StreamingMode.Concurrent)]
    public void Buffers_are_allocated_once(StreamingMode mode)
    {
        using var streamer = Streamer(mode);
        var addresses = new HashSet<nint>();
        for (var pass = 0; pass < 3; pass++)
        {
            foreach (var block in streamer.Pass(CancellationToken.None)) addresses.Add(AddressOf(block.Weights.Values));
        }
        Assert.Equal(mode == StreamingMode.Sequential ? 1 : 2, addresses.Count);
    }

    [Fact]
    public void Concurrent_inference_loads_the_next_block_while_this_one_computes()
    {
        using var streamer = Streamer(StreamingMode.Concurrent);
        foreach (var block in streamer.Pass(CancellationToken.None))
        {
            // The load must end without this computation ending.
            if (block.Index + 1 < Blocks) Assert.True(SpinWait.SpinUntil(() => _loaded.Contains(block.Index + 1), TimeSpan.FromSeconds(30)));
        }
    }

    [Fact]
    public void Concurrent_inference_goes_on_from_the_last_block_to_the_first_of_the_next_pass()
    {
        using var streamer = Streamer(StreamingMode.Concurrent, passes: 2);
        foreach (var block in streamer.Pass(CancellationToken.None))
        {
            if (block.Index == Blocks - 1) Assert.True(SpinWait.SpinUntil(() => _loaded.Count(i => i == 0) == 2, TimeSpan.FromSeconds(30)));
        }
        Run(streamer);
        Assert.Equal(2 * Blocks, _loaded.Count);
    }

    [Fact]
    public void Sequential_mode_never_loads_while_a_block_computes()
    {
        using var streamer = Streamer(StreamingMode.Sequential);
        Run(streamer);
        var intervals = _timeline.Intervals.OrderBy(i => i.Start).ToList();
        Assert.Equal(2 * Blocks, intervals.Count);
        for (var i = 1; i < intervals.Count; i++) Assert.True(intervals[i].Start >= intervals[i - 1].End);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(Blocks)]
    public void Dynamic_loading_keeps_the_leading_blocks_that_fit_and_reloads_only_the_others(int fitting)
    {
        // As specification 13 has it: resident = floor((budget - working set - buffers) / block).
        using var streamer = Streamer(StreamingMode.ConcurrentDynamic, budget: BudgetFor(fitting));
        Run(streamer);
        Assert.Equal(fitting, streamer.StayingBlocks);
        _loaded.Clear();
        Run(streamer);
        Run(streamer);
        Drain(streamer);
        Assert.DoesNotContain(_loaded, index => index < fitting);
        for (var index = fitting; index < Blocks; index++) Assert.InRange(_loaded.Count(i => i == index), 1, 3);
    }

    [Fact]
    public void A_budget_lowered_while_running_takes_blocks_back_and_a_raised_one_gives_them()
    {
        var budget = BudgetFor(Blocks);
        using var streamer = Streamer(StreamingMode.ConcurrentDynamic, budget: budget);
        Run(streamer);
        Assert.Equal(Blocks, streamer.StayingBlocks);

        budget.Bytes = BudgetFor(2).Bytes;
        Assert.Equal(Enumerable.Range(0, Blocks), Run(streamer));
        Assert.InRange(streamer.StayingBlocks, 1, 2);

        budget.Bytes = long.MaxValue / 2;
        Assert.Equal(Enumerable.Range(0, Blocks), Run(streamer));
        Assert.Equal(Blocks, streamer.StayingBlocks);
    }

    [Fact]
    public void Blocks_that_are_used_once_do_not_stay()
    {
        using var streamer = Streamer(StreamingMode.ConcurrentDynamic, budget: BudgetFor(Blocks), passes: 1);
        Run(streamer);
        Assert.Equal(0, streamer.StayingBlocks);
        Assert.Equal(Blocks, _loaded.Count);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_load_that_fails_surfaces_and_the_streamer_goes_on_after_it(StreamingMode mode)
    {
        var fails = true;
        using var streamer = Streamer(mode, beforeLoad: index =>
        {
            if (index == 3 && fails) throw new InvalidFileException("weights", "block 3 cannot be read");
        });
        Assert.Throws<InvalidFileException>(() => Run(streamer));
        fails = false;
        Assert.Equal(Enumerable.Range(0, Blocks), Run(streamer));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_pass_that_is_given_up_leaves_the_next_one_whole(StreamingMode mode)
    {
        using var streamer = Streamer(mode);
        for (var stop = 0; stop < Blocks; stop++)
        {
            foreach (var block in streamer.Pass(CancellationToken.None))
            {
                if (block.Index == stop) break;
            }
        }
        Assert.Equal(Enumerable.Range(0, Blocks), Run(streamer));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Cancelling_ends_a_running_load(StreamingMode mode)
    {
        using var cancellation = new CancellationTokenSource();
        using var streamer = Streamer(mode, beforeLoad: index =>
        {
            if (index == 2) cancellation.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            foreach (var _ in streamer.Pass(cancellation.Token)) { }
        });
        Assert.Equal(Enumerable.Range(0, Blocks), Run(streamer));
    }

    [Theory]
    [InlineData(StreamingMode.Resident)]
    [InlineData(StreamingMode.ConcurrentDynamic)]
    public void Blocks_stay_also_after_a_load_that_failed(StreamingMode mode)
    {
        var fails = true;
        using var streamer = Streamer(mode, budget: BudgetFor(Blocks), beforeLoad: index =>
        {
            if (index == 2 && fails) throw new InvalidFileException("weights", "block 2 cannot be read");
        });
        Assert.Throws<InvalidFileException>(() => Run(streamer));
        Assert.Equal(2, streamer.StayingBlocks);
        fails = false;
        Run(streamer);
        Assert.Equal(Blocks, streamer.StayingBlocks);
        Assert.Equal(Blocks * BlockBytes, _engine.Memory.CurrentBytes);
    }

    [Fact]
    public void A_load_that_a_cancelled_pass_began_does_not_cancel_the_next_pass()
    {
        using var cancellation = new CancellationTokenSource();
        using var ahead = new ManualResetEventSlim();
        var firstAgain = 0;
        using var streamer = Streamer(StreamingMode.Concurrent, beforeLoad: index =>
        {
            // The first block's second load runs ahead of the second pass, and ends after the first pass is cancelled.
            if (index == 0 && Interlocked.Increment(ref firstAgain) == 2) ahead.Wait();
        });
        foreach (var _ in streamer.Pass(cancellation.Token)) { }
        cancellation.Cancel();
        ahead.Set();
        Assert.Equal(Enumerable.Range(0, Blocks), Run(streamer));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Disposing_in_the_middle_frees_everything(StreamingMode mode)
    {
        var streamer = Streamer(mode);
        using var pass = streamer.Pass(CancellationToken.None).GetEnumerator();
        Assert.True(pass.MoveNext());
        streamer.Dispose();
        Assert.Equal(0, _engine.Memory.CurrentBytes);
    }

    [Fact]
    public void The_timeline_has_a_load_and_a_computation_of_every_block_and_the_memory()
    {
        using var streamer = Streamer(StreamingMode.Concurrent, budget: BudgetFor(0), passes: 1);
        Run(streamer);
        foreach (var activity in Enum.GetValues<BlockActivity>())
        {
            var names = _timeline.Intervals.Where(i => i.Activity == activity).Select(i => i.Block);
            Assert.Equal(Enumerable.Range(0, Blocks).Select(i => $"block {i}"), names);
        }
        Assert.All(_timeline.Intervals, i => Assert.Equal(i.Activity == BlockActivity.Load ? 7 : 0, i.Bytes));
        Assert.Equal(Blocks, _timeline.Samples.Count);
        Assert.All(_timeline.Samples, sample => Assert.True(sample.ResidentBytes > 0));
    }

    private static unsafe nint AddressOf(Tensor tensor) => (nint)tensor.Pointer;

    /// <summary>The blocks' numbers, read from their weights.</summary>
    private static List<int> Run(BlockStreamer<Weights> streamer)
    {
        var seen = new List<int>();
        foreach (var block in streamer.Pass(CancellationToken.None))
        {
            Assert.Equal(block.Index, block.Weights.Values.Span[0]);
            Assert.Equal(block.Index, block.Weights.Values.Span[^1]);
            seen.Add(block.Index);
        }
        return seen;
    }

    /// <summary>Waits for a load that runs ahead of the next pass.</summary>
    private static void Drain(BlockStreamer<Weights> streamer)
    {
        using var pass = streamer.Pass(CancellationToken.None).GetEnumerator();
        Assert.True(pass.MoveNext());
    }

    /// <summary>A budget that has room for so many blocks that stay, and half a block more.</summary>
    private static MemoryBudget BudgetFor(int staying)
    {
        var buffers = Math.Min(2, Blocks - staying);
        return new MemoryBudget(Outside + DynamicLoading.Reserve + PlannedWorkingBytes + (staying + buffers) * BlockBytes + BlockBytes / 2);
    }

    private const long Outside = 90L << 20;
    private const long PlannedWorkingBytes = 16L << 20;

    private BlockStreamer<Weights> Streamer(
        StreamingMode mode, MemoryBudget? budget = null, int passes = int.MaxValue, Action<int>? beforeLoad = null)
    {
        var blocks = Enumerable.Range(0, Blocks).Select(index => new BlockSource<Weights>($"block {index}", BlockBytes, 7, (arena, cancellation) =>
        {
            beforeLoad?.Invoke(index);
            cancellation.ThrowIfCancellationRequested();
            var values = arena.Take(BlockFloats);
            values.Span.Fill(index);
            _loaded.Enqueue(index);
            return new Weights(values);
        })).ToList();
        return new BlockStreamer<Weights>(_engine, "model", blocks, new StreamingSettings
        {
            Mode = mode,
            Budget = budget,
            ExpectedPasses = passes,
            Timeline = _timeline,
            PlannedWorkingBytes = PlannedWorkingBytes,
            ResidentBytes = () => Outside + _engine.Memory.CurrentBytes,
            // Other tests' engines share what is kept.
            KeptBytes = () => 0,
        });
    }

    private sealed record Weights(Tensor Values) : IDisposable
    {
        public void Dispose() => Values.Dispose();
    }
}
