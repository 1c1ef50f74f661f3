namespace OnDeviceSora.Budget;

/// <summary>How much memory this machine can give to this process.</summary>
/// <param name="root">Folder that stands for <c>/</c>; for tests.</param>
internal sealed class MachineMemory(string root = "/")
{
    /// <summary>The share of the available memory that a generation takes when nobody says how much it may; the rest is for others.</summary>
    public const double Share = 0.8;

    /// <summary>Bytes that the process could still take: what the machine has available, and what control groups allow.</summary>
    public long AvailableBytes => OperatingSystem.IsLinux() && AvailableOnLinux() is { } bytes ? bytes : AvailableToRuntime();

    /// <summary>The budget where none is given: <see cref="Share"/> of what is available, and what the process already holds.</summary>
    /// <param name="residentBytes">What the process already holds.</param>
    public long DefaultBudget(long residentBytes) => residentBytes + (long)(Share * AvailableBytes);

    internal long? AvailableOnLinux()
    {
        var machine = MemAvailable();
        var groups = new ControlGroups(root).Headroom();
        return machine is null || groups is null ? machine ?? groups : Math.Min(machine.Value, groups.Value);
    }

    private long? MemAvailable()
    {
        try
        {
            return File.ReadLines(Path.Join(root, "proc/meminfo")).Where(line => line.StartsWith("MemAvailable:", StringComparison.Ordinal)).Select(ProcValue.Kilobytes).FirstOrDefault();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long AvailableToRuntime()
    {
        var memory = GC.GetGCMemoryInfo();
        return Math.Max(0, memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes);
    }
}
