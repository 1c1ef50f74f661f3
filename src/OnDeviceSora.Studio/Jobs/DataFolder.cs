namespace OnDeviceSora.Studio.Jobs;

/// <summary>The folder of all videos, held by one server at a time. The operating system lets it go when the process ends, however it ends.</summary>
internal sealed class DataFolder : IDisposable
{
    private const string LockName = "lock";
    private readonly FileStream _lock;

    private DataFolder(string path, FileStream held) => (Path, _lock) = (path, held);

    /// <summary>Its full path.</summary>
    public string Path { get; }

    /// <summary>Opens it; creates it where there is none.</summary>
    /// <exception cref="OutputException">Another server holds it, or it cannot be written.</exception>
    public static DataFolder Open(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        var file = System.IO.Path.Combine(full, LockName);
        try
        {
            Directory.CreateDirectory(full);
            var held = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            JobFolder.RemoveDeleted(full);
            return new DataFolder(full, held);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or DirectoryNotFoundException or ArgumentException or NotSupportedException or PathTooLongException)
        {
            throw new OutputException(full, "videos cannot be kept here, since the folder cannot be written; choose another with --data", e);
        }
        catch (IOException e) when (IsSharingViolation(e))
        {
            throw new OutputException(full, "another sora serve uses this folder; stop it, or choose another folder with --data", e);
        }
        catch (IOException e)
        {
            throw new OutputException(full, $"videos cannot be kept here: {e.Message}; choose another folder with --data", e);
        }
    }

    /// <summary>The folder of one video.</summary>
    /// <param name="id">A valid id: <see cref="VideoIds.IsValid"/>.</param>
    public JobFolder Job(string id) => VideoIds.IsValid(id)
        ? new JobFolder(System.IO.Path.Combine(Path, id))
        : throw new ArgumentException("Not the id of a video.", nameof(id));

    /// <summary>The ids of the folders that are here.</summary>
    public IEnumerable<string> Ids() => Directory.EnumerateDirectories(Path).Select(folder => System.IO.Path.GetFileName(folder)).Where(VideoIds.IsValid);

    public void Dispose() => _lock.Dispose();

    /// <summary>Windows: sharing and lock violations. Elsewhere .NET's own advisory lock, whose code is EWOULDBLOCK (11 or 35).</summary>
    private static bool IsSharingViolation(IOException error) => (error.HResult & 0xFFFF) is 32 or 33 or 11 or 35;
}
