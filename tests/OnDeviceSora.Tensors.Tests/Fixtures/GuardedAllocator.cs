using System.Runtime.InteropServices;

namespace OnDeviceSora.Tensors.Tests;

/// <summary>
/// Fences every block with pages that may not be touched, so that one element read or written outside of it ends the
/// process. Blocks lie against the page behind them or against the page before them, and start out as NaN, so that an
/// element which an operation forgets to write, or reads before it is written, shows in the result.
/// </summary>
internal sealed unsafe partial class GuardedAllocator(bool atEnd) : NativeAllocator
{
    private const int NoAccess = 0;
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;
    private static readonly long Page = Environment.SystemPageSize;

    /// <summary>The calls and constants are those of Linux.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux();

    public override void* Allocate(long bytes)
    {
        var inner = Inner(bytes);
        var start = Map(0, (nuint)(inner + 2 * Page), NoAccess, PrivateAnonymous, -1, 0);
        if (start == -1 || Protect(start + (nint)Page, (nuint)inner, ReadWrite) != 0) throw new InvalidOperationException("mmap or mprotect refused a block.");
        var usable = (byte*)start + Page;
        new Span<byte>(usable, (int)inner).Fill(0xFF);
        return atEnd ? usable + inner - bytes : usable;
    }

    public override void Free(void* block, long bytes)
    {
        var inner = Inner(bytes);
        var usable = atEnd ? (byte*)block - (inner - bytes) : (byte*)block;
        if (Unmap((nint)usable - (nint)Page, (nuint)(inner + 2 * Page)) != 0) throw new InvalidOperationException("munmap refused a block.");
    }

    /// <summary>Bytes of whole pages around a block, at least one page so that empty blocks have an address.</summary>
    private static long Inner(long bytes) => Math.Max(1, (bytes + Page - 1) / Page) * Page;

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
