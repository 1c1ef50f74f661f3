using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace OnDeviceSora.Budget;

/// <summary>What the operating system counts as this process's resident memory. Cheap enough to ask between two blocks.</summary>
internal static class ResidentMemory
{
    private const int MostDigits = 128;

    private static readonly SafeFileHandle? Statm = OpenStatm();

    /// <summary>Bytes now.</summary>
    public static long CurrentBytes
    {
        get
        {
            if (Statm is null) return Environment.WorkingSet;
            Span<byte> text = stackalloc byte[MostDigits];
            text = text[..RandomAccess.Read(Statm, text, 0)];
            // "size resident shared ...", in pages.
            var resident = text[(text.IndexOf((byte)' ') + 1)..];
            return Utf8Parser.TryParse(resident, out long pages, out _) ? pages * Environment.SystemPageSize : Environment.WorkingSet;
        }
    }

    private static SafeFileHandle? OpenStatm()
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            return File.OpenHandle("/proc/self/statm");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
