namespace OnDeviceSora.Studio.Tests;

/// <summary>A test that runs the program in a process of its own and sends it signals.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ProcessFactAttribute : FactAttribute
{
    public ProcessFactAttribute() => Skip = OperatingSystem.IsWindows() ? "needs signals" : null;
}

/// <summary>A test that takes minutes: only where the environment variable SORA_SOAK is set, as CI does.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SoakFactAttribute : FactAttribute
{
    public SoakFactAttribute() => Skip = Environment.GetEnvironmentVariable("SORA_SOAK") is { Length: > 0 } && !OperatingSystem.IsWindows() ? null : "takes minutes; set SORA_SOAK=1 to run it";
}

/// <summary>A test that needs a file system of its own.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute() => Skip = SmallDisk.IsPossible ? null : "needs the right to mount a file system in memory";
}

/// <summary>A test that needs Linux's /proc.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute() => Skip = OperatingSystem.IsLinux() ? null : "needs Linux";
}
