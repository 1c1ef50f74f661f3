namespace OnDeviceSora.Checkpoints;

/// <summary>
/// A folder that is built beside its final name and renamed when it is complete, so that no one ever sees half of it under the
/// final name. Disposed before that, it is removed with everything in it.
/// </summary>
internal sealed class PartialFolder : IDisposable
{
    private readonly string _final;
    private bool _done;

    private PartialFolder(string final, string path) => (_final, Path) = (final, path);

    /// <summary>The folder to build in.</summary>
    public string Path { get; }

    /// <summary>Creates the folder to build in.</summary>
    /// <param name="final">The name it is to get.</param>
    /// <param name="mayReplace">Whether what has that name now may be replaced, decided from its path; an empty folder always may.</param>
    /// <exception cref="OutputException">There is something of that name, or no folder can be made.</exception>
    public static PartialFolder Create(string final, Func<string, bool> mayReplace)
    {
        try
        {
            final = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(final));
            RequireFree(final, mayReplace);
            var path = $"{final}.partial-{Guid.NewGuid().ToString("N")[..8]}";
            Directory.CreateDirectory(path);
            return new PartialFolder(final, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new OutputException(final, $"cannot be written: {e.Message}", e);
        }
    }

    /// <summary>Gives the folder its final name.</summary>
    /// <exception cref="OutputException">That name cannot be given.</exception>
    public void Complete()
    {
        try
        {
            string? replaced = null;
            if (Directory.Exists(_final))
            {
                replaced = $"{_final}.replaced-{Guid.NewGuid().ToString("N")[..8]}";
                Directory.Move(_final, replaced);
            }

            try
            {
                Directory.Move(Path, _final);
            }
            catch when (replaced is not null)
            {
                Directory.Move(replaced, _final);
                throw;
            }

            _done = true;
            if (replaced is not null) Remove(replaced);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OutputException(_final, $"cannot be written: {e.Message}", e);
        }
    }

    /// <summary>Removes the folder unless it was completed.</summary>
    public void Dispose()
    {
        if (!_done) Remove(Path);
    }

    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What led here matters more than a folder that cannot be removed.
        }
    }

    private static void RequireFree(string final, Func<string, bool> mayReplace)
    {
        if (File.Exists(final)) throw new OutputException(final, "there is a file of this name; name a folder that does not exist yet");
        if (!Directory.Exists(final) || !Directory.EnumerateFileSystemEntries(final).Any() || mayReplace(final)) return;
        throw new OutputException(final, "the folder exists and is not empty; name another, or have a package replaced (--force)");
    }
}
