using OnDeviceSora.Budget;

namespace OnDeviceSora.Tests.Budget;

/// <summary>What a machine can give, read from copies of the files that say it.</summary>
public sealed class MachineMemoryTests : IDisposable
{
    private const string Version2 = "30 20 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate";
    private const string Version1 = "31 20 0:27 / /sys/fs/cgroup/memory rw,nosuid - cgroup cgroup rw,memory";

    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Without_limits_the_machine_gives_what_is_available()
    {
        Machine(available: 1000, "0::/", Version2);
        Assert.Equal(1000 * 1024, Available);
    }

    [Fact]
    public void The_tightest_group_on_the_way_up_counts_and_file_contents_are_free()
    {
        Machine(available: 10_000_000, "0::/user/job", Version2);
        Write("sys/fs/cgroup/user/job/memory.max", "max\n");
        Write("sys/fs/cgroup/user/job/memory.current", "100\n");
        Write("sys/fs/cgroup/user/memory.max", "5000000\n");
        Write("sys/fs/cgroup/user/memory.current", "3000000\n");
        Write("sys/fs/cgroup/user/memory.stat", "anon 1\nactive_file 400000\ninactive_file 600000\nslab 7\n");
        Assert.Equal(5_000_000 - 2_000_000, Available);
        Write("sys/fs/cgroup/user/job/memory.high", "2000000\n");
        Assert.Equal(2_000_000 - 100, Available);
    }

    [Fact]
    public void Version_1_limits_count_and_its_largest_number_is_no_limit()
    {
        Machine(available: 10_000_000, "4:memory:/docker/abc\n0::/", Version1);
        Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        Write("sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "8000000\n");
        Write("sys/fs/cgroup/memory/docker/abc/memory.usage_in_bytes", "1000000\n");
        Write("sys/fs/cgroup/memory/docker/abc/memory.stat", "total_inactive_file 500000\ntotal_active_file 100000\ncache 1\n");
        Assert.Equal(8_000_000 - 400_000, Available);
    }

    [Fact]
    public void A_container_sees_its_own_group_as_the_root()
    {
        Machine(available: 10_000_000, "0::/docker/abc", "30 20 0:26 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup2 rw");
        Write("sys/fs/cgroup/memory.max", "4000000\n");
        Assert.Equal(4_000_000, Available);
    }

    [Fact]
    public void A_group_that_is_over_its_limit_gives_nothing()
    {
        Machine(available: 10_000_000, "0::/", Version2);
        Write("sys/fs/cgroup/memory.max", "4000000\n");
        Write("sys/fs/cgroup/memory.current", "4100000\n");
        Assert.Equal(0, Available);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense\n::::\n4:memory\n")]
    [InlineData("0::/../../../etc\n")]
    public void Odd_files_are_passed_over(string groups)
    {
        Machine(available: 77, groups, "nonsense\n1 2 3 - cgroup2\n" + Version2);
        Write("sys/fs/cgroup/memory.max", "\n");
        Assert.Equal(77 * 1024, Available);
    }

    [Fact]
    public void With_no_files_at_all_nothing_is_known() => Assert.Null(Available);

    [Fact]
    public void This_machine_gives_something_and_the_default_budget_holds_what_is_held()
    {
        var memory = new MachineMemory();
        Assert.InRange(memory.AvailableBytes, 1, 1L << 50);
        Assert.InRange(memory.DefaultBudget(1_000_000_000), 1_000_000_001, 1L << 50);
        Assert.InRange(PeakResidentMemory.Bytes, ResidentMemory.CurrentBytes / 2, 1L << 50);
    }

    [Theory]
    [InlineData("Name:\tx\nVmHWM:\t  123 kB\nVmRSS: 1 kB\n", 123 * 1024L)]
    [InlineData("Name:\tx\n", null)]
    [InlineData("VmHWM: much\n", null)]
    [InlineData("VmHWM: 99999999999999999999 kB\n", null)]
    public void The_peak_is_read_from_the_status(string text, long? bytes) => Assert.Equal(bytes, PeakResidentMemory.Read(_root.Write("status", text)));

    private long? Available => new MachineMemory(_root.Path).AvailableOnLinux();

    private void Machine(long available, string groups, string mounts)
    {
        Write("proc/meminfo", $"MemTotal: 99999999 kB\nMemFree: 1 kB\nMemAvailable: {available} kB\n");
        Write("proc/self/cgroup", groups + "\n");
        Write("proc/self/mountinfo", mounts + "\n");
    }

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_root.File(path))!);
        _root.Write(path, text);
    }
}
