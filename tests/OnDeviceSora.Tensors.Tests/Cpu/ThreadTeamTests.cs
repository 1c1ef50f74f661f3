using OnDeviceSora.Tensors.Cpu;

namespace OnDeviceSora.Tensors.Tests.Cpu;

public class ThreadTeamTests
{
    public static TheoryData<int> Threads => [1, 2, 3, 5, 16];

    [Theory]
    [MemberData(nameof(Threads))]
    public void Every_item_runs_exactly_once(int threads)
    {
        using var team = new ThreadTeam(threads);
        foreach (var items in (int[])[-1, 0, 1, 2, 3, 7, 100, 20_000])
        {
            var runs = new int[Math.Max(0, items)];
            team.For(items, (item, thread) =>
            {
                Assert.InRange(thread, 0, threads - 1);
                Interlocked.Increment(ref runs[item]);
            });
            Assert.All(runs, count => Assert.Equal(1, count));
        }
    }

    [Theory]
    [MemberData(nameof(Threads))]
    public void No_two_bodies_run_under_the_same_index_at_once(int threads)
    {
        using var team = new ThreadTeam(threads);
        var busy = new int[threads];
        team.For(2000, (_, thread) =>
        {
            Assert.Equal(1, Interlocked.Increment(ref busy[thread]));
            Thread.SpinWait(50);
            Interlocked.Decrement(ref busy[thread]);
        });
    }

    [Theory]
    [MemberData(nameof(Threads))]
    public void An_exception_reaches_the_caller_and_the_team_lives_on(int threads)
    {
        using var team = new ThreadTeam(threads);
        for (var round = 0; round < 50; round++)
        {
            var error = Assert.Throws<InvalidOperationException>(() => team.For(64, (item, _) =>
            {
                if (item % 7 == 3) throw new InvalidOperationException("item");
            }));
            Assert.Equal("item", error.Message);
            var sum = 0;
            team.For(100, (item, _) => Interlocked.Add(ref sum, item));
            Assert.Equal(4950, sum);
        }
    }

    [Theory]
    [MemberData(nameof(Threads))]
    public void After_an_exception_no_body_is_still_running(int threads)
    {
        using var team = new ThreadTeam(threads);
        var running = 0;
        Assert.ThrowsAny<Exception>(() => team.For(40, (item, _) =>
        {
            Interlocked.Increment(ref running);
            try
            {
                if (item == 0) throw new InvalidOperationException();
                Thread.Sleep(2);
            }
            finally
            {
                Interlocked.Decrement(ref running);
            }
        }));
        Assert.Equal(0, Volatile.Read(ref running));
    }

    [Theory]
    [MemberData(nameof(Threads))]
    public void A_loop_inside_a_loop_keeps_its_threads_index(int threads)
    {
        using var team = new ThreadTeam(threads);
        var runs = new int[30 * 20];
        team.For(30, (outer, thread) => team.For(20, (inner, nested) =>
        {
            Assert.Equal(thread, nested);
            Interlocked.Increment(ref runs[outer * 20 + inner]);
        }));
        Assert.All(runs, count => Assert.Equal(1, count));
    }

    [Fact]
    public async Task Two_callers_at_once_each_get_all_their_items()
    {
        using var team = new ThreadTeam(3);
        int Sum()
        {
            var sum = 0;
            for (var round = 0; round < 300; round++) team.For(50, (item, _) => Interlocked.Add(ref sum, item));
            return sum;
        }
        var sums = await Task.WhenAll(Task.Run(Sum), Task.Run(Sum), Task.Run(Sum));
        Assert.All(sums, sum => Assert.Equal(300 * 1225, sum));
    }

    [Theory]
    [MemberData(nameof(Threads))]
    public void Thousands_of_tiny_loops_end(int threads)
    {
        using var team = new ThreadTeam(threads);
        var count = 0;
        for (var loop = 0; loop < 10_000; loop++) team.For(2, (_, _) => Interlocked.Increment(ref count));
        Assert.Equal(20_000, count);
    }

    [Theory]
    [MemberData(nameof(Threads))]
    public void A_disposed_team_refuses_work(int threads)
    {
        var team = new ThreadTeam(threads);
        team.Dispose();
        team.Dispose();
        foreach (var items in (int[])[1, 2, 100]) Assert.Throws<ObjectDisposedException>(() => team.For(items, (_, _) => { }));
    }

    [Fact]
    public async Task Disposal_waits_for_the_items_that_run()
    {
        var team = new ThreadTeam(4);
        var (started, done) = (new TaskCompletionSource(), 0);
        var loop = Task.Run(() => team.For(500, (_, _) =>
        {
            started.TrySetResult();
            Thread.SpinWait(2000);
            Interlocked.Increment(ref done);
        }));
        await started.Task;
        team.Dispose();
        await loop;
        Assert.Equal(500, done);
    }

    [Fact]
    public void A_body_cannot_dispose_its_own_team()
    {
        using var team = new ThreadTeam(2);
        Assert.Throws<InvalidOperationException>(() => team.For(8, (_, _) => team.Dispose()));
        team.For(8, (_, _) => { });
    }

    [Fact]
    public void Disposal_ends_the_threads()
    {
        static int Live() => System.Diagnostics.Process.GetCurrentProcess().Threads.Count;
        var before = Live();
        for (var round = 0; round < 50; round++)
        {
            using var team = new ThreadTeam(9);
            team.For(20, (_, _) => { });
        }
        // 400 threads would have been left; the runtime may have started a few of its own.
        Assert.InRange(Live(), 0, before + 100);
    }
}
