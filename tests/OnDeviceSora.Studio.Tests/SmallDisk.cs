using System.Diagnostics;
using System.Globalization;

namespace OnDeviceSora.Studio.Tests;

/// <summary>A file system in memory that is soon full.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    private string Filler => System.IO.Path.Combine(Path, "filler");

    /// <summary>Whether this user may mount one.</summary>
    public static bool IsPossible { get; } = OperatingSystem.IsLinux() && Try();

    public static async Task<SmallDisk> MountAsync(string path, int megabytes)
    {
        Directory.CreateDirectory(path);
        Assert.Equal(0, await RunAsync("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m"), "tmpfs", path));
        return new SmallDisk(path);
    }

    /// <summary>Takes all the room that is left.</summary>
    public void Fill()
    {
        using var file = new FileStream(Filler, FileMode.Create);
        var zeros = new byte[4096];
        try
        {
            while (true)
            {
                file.Write(zeros);
                file.Flush();
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    public void MakeRoom() => File.Delete(Filler);

    public async ValueTask DisposeAsync() => Assert.Equal(0, await RunAsync("umount", "-l", Path));

    private static bool Try()
    {
        var path = Directory.CreateTempSubdirectory("sora-disk-").FullName;
        var mounted = RunAsync("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", path).GetAwaiter().GetResult() == 0;
        if (mounted) RunAsync("umount", "-l", path).GetAwaiter().GetResult();
        Directory.Delete(path);
        return mounted;
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }
}
