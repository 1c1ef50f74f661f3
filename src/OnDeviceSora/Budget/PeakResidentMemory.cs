using System.Diagnostics;
using System.Globalization;

namespace OnDeviceSora.Budget;

/// <summary>The most resident memory this process has had since it began.</summary>
internal static class PeakResidentMemory
{
    /// <summary>Bytes.</summary>
    public static long Bytes => OperatingSystem.IsLinux() && Read("/proc/self/status") is { } peak ? peak : OfProcess();

    /// <summary>The peak that a status file of Linux states (<c>VmHWM</c>), or <c>null</c>.</summary>
    internal static long? Read(string statusFile)
    {
        try
        {
            foreach (var line in File.ReadLines(statusFile))
            {
                if (line.StartsWith("VmHWM:", StringComparison.Ordinal)) return ProcValue.Kilobytes(line);
            }
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long OfProcess()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}

/// <summary>Values of the text files below <c>/proc</c>.</summary>
internal static class ProcValue
{
    /// <summary>Bytes of a line such as <c>MemAvailable:   123 kB</c>; <c>null</c> when it is no such line.</summary>
    public static long? Kilobytes(string line)
    {
        var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return words.Length >= 2 && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= long.MaxValue / 1024
            ? value * 1024
            : null;
    }
}
