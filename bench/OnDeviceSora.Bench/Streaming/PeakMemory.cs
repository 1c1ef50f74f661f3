using System.Diagnostics;
using OnDeviceSora.Tensors;

namespace OnDeviceSora.Bench.Streaming;

/// <summary>The process's peak resident memory, which Linux lets a process begin anew.</summary>
internal static class PeakMemory
{
    /// <summary>Most bytes since the last <see cref="Reset"/>, as the operating system counts; elsewhere than on Linux since the process began.</summary>
    public static long Bytes
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return process.PeakWorkingSet64;
        }
    }

    /// <summary>Begins anew.</summary>
    public static void Reset(MemoryLedger ledger)
    {
        ledger.ResetPeak();
        ledger.ResetWorkingPeak();
        if (OperatingSystem.IsLinux()) File.WriteAllText("/proc/self/clear_refs", "5");
    }
}
