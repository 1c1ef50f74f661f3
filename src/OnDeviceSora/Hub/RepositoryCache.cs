namespace OnDeviceSora.Hub;

/// <summary>
/// A repository's folder in the cache that all tools of the hub share: <c>blobs/HASH</c> holds bytes,
/// <c>snapshots/COMMIT/PATH</c> links to them, <c>refs/REVISION</c> holds a commit. An unfinished file is
/// <c>blobs/HASH.sora-incomplete</c>, a name that no other tool would take for its own and append to.
/// </summary>
internal sealed class RepositoryCache(string cacheFolder, HubRepository repository)
{
    /// <summary>The repository's folder.</summary>
    public string Folder { get; } = Path.Combine(cacheFolder, repository.FolderName);

    /// <summary>Where a file's bytes are once they are complete and checked.</summary>
    public string Blob(HubFile file) => Path.Combine(Folder, "blobs", file.Hash.Hex);

    /// <summary>Where a file's bytes are while they arrive.</summary>
    public string Incomplete(HubFile file) => Blob(file) + ".sora-incomplete";

    /// <summary>What has arrived of them.</summary>
    public string Journal(HubFile file) => Blob(file) + ".sora-parts";

    /// <summary>The lock that a tool holds while it fetches the file; other tools of the hub use the same.</summary>
    public string LockFile(HubFile file) => Path.Combine(cacheFolder, ".locks", repository.FolderName, file.Hash.Hex + ".lock");

    /// <summary>The folder of a commit's files.</summary>
    public string Snapshot(string commit) => Path.Combine(Folder, "snapshots", commit);

    /// <summary>The snapshots that are there, last used first.</summary>
    public IReadOnlyList<string> Snapshots()
    {
        var snapshots = new DirectoryInfo(Path.Combine(Folder, "snapshots"));
        return snapshots.Exists
            ? [.. snapshots.EnumerateDirectories().OrderByDescending(folder => folder.LastWriteTimeUtc).ThenBy(folder => folder.Name, StringComparer.Ordinal).Select(folder => folder.FullName)]
            : [];
    }

    /// <summary>True when the file's bytes are there, fetched by us or by another tool; where links are impossible, in the snapshot itself.</summary>
    public bool Has(HubFile file, string commit) =>
        HasSize(Blob(file), file.Size) || HasSize(SnapshotFile(file, commit), file.Size);

    /// <summary>The file that holds the bytes.</summary>
    public string Stored(HubFile file, string commit) => HasSize(Blob(file), file.Size) ? Blob(file) : SnapshotFile(file, commit);

    /// <summary>Makes the file appear in its snapshot.</summary>
    public void Link(HubFile file, string commit)
    {
        var link = SnapshotFile(file, commit);
        if (HasSize(link, file.Size)) return;
        var folder = Path.GetDirectoryName(link)!;
        Directory.CreateDirectory(folder);
        // Made under another name first: whoever looks sees the old state or the new one.
        var fresh = Path.Combine(folder, $".{Guid.NewGuid():N}.sora-link");
        try
        {
            MakeLinkOrCopy(fresh, Blob(file), folder);
            File.Move(fresh, link, overwrite: true);
        }
        finally
        {
            File.Delete(fresh);
        }
    }

    /// <summary>Writes down which commit a revision is, and that the snapshot was used now.</summary>
    public void Refer(string revision, string commit)
    {
        Directory.SetLastWriteTimeUtc(Snapshot(commit), DateTime.UtcNow);
        if (revision == commit) return;
        var path = Path.Combine(Folder, "refs", revision);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Checkpoints.AtomicFile.Write(path, stream => stream.Write(System.Text.Encoding.ASCII.GetBytes(commit)));
    }

    private string SnapshotFile(HubFile file, string commit) => Path.Combine(Snapshot(commit), Path.Combine(file.Path.Split('/')));

    private static void MakeLinkOrCopy(string link, string blob, string folder)
    {
        try
        {
            File.CreateSymbolicLink(link, Path.GetRelativePath(folder, blob));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            File.Copy(blob, link, overwrite: true);
        }
    }

    private static bool HasSize(string path, long size) => LinkedFile.Length(path) == size;
}
