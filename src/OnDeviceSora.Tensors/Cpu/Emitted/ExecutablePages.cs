using System.Runtime.InteropServices;

namespace OnDeviceSora.Tensors.Cpu.Emitted;

/// <summary>
/// Pages of machine code. They are written while they cannot be executed and executed once they cannot be written; they stay
/// as long as the process.
/// </summary>
internal static unsafe partial class ExecutablePages
{
    private const int ReadWrite = 3;
    private const int ReadExecute = 5;
    private const uint WindowsCommitAndReserve = 0x3000;
    private const uint WindowsReadWrite = 0x04;
    private const uint WindowsReadExecute = 0x20;
    private static readonly int PrivateAnonymous = OperatingSystem.IsMacOS() ? 0x1002 : 0x22;

    /// <summary>Publishes code.</summary>
    /// <param name="code">Position-independent machine code.</param>
    /// <returns>Its address, or 0 where the system refuses executable memory.</returns>
    public static nint Publish(ReadOnlySpan<byte> code)
    {
        if (OperatingSystem.IsWindows()) return PublishOnWindows(code);
        return OperatingSystem.IsLinux() || OperatingSystem.IsMacOS() ? PublishOnUnix(code) : 0;
    }

    private static nint PublishOnUnix(ReadOnlySpan<byte> code)
    {
        var pages = Map(0, (nuint)code.Length, ReadWrite, PrivateAnonymous, -1, 0);
        if (pages == -1) return 0;
        code.CopyTo(new Span<byte>((void*)pages, code.Length));
        if (Protect(pages, (nuint)code.Length, ReadExecute) == 0) return pages;
        _ = Unmap(pages, (nuint)code.Length);
        return 0;
    }

    private static nint PublishOnWindows(ReadOnlySpan<byte> code)
    {
        var pages = VirtualAlloc(0, (nuint)code.Length, WindowsCommitAndReserve, WindowsReadWrite);
        if (pages == 0) return 0;
        code.CopyTo(new Span<byte>((void*)pages, code.Length));
        // Where this is refused the pages are left behind: a few kilobytes, once.
        if (VirtualProtect(pages, (nuint)code.Length, WindowsReadExecute, out _) == 0) return 0;
        _ = FlushInstructionCache(-1, pages, (nuint)code.Length);
        return pages;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("kernel32")]
    private static partial nint VirtualAlloc(nint address, nuint size, uint type, uint protection);

    [LibraryImport("kernel32")]
    private static partial int VirtualProtect(nint address, nuint size, uint protection, out uint before);

    [LibraryImport("kernel32")]
    private static partial int FlushInstructionCache(nint process, nint address, nuint size);
}
