using System.Security.Cryptography;

namespace OnDeviceSora.Media;

/// <summary>
/// A file or folder under construction, beside its final name so that the last step is a rename on one disk.
/// Disposing it removes whatever was not committed.
/// </summary>
internal sealed class PartialOutput : IDisposable
{
    private readonly string _destination;

    /// <param name="destination">The final path.</param>
    /// <param name="folder">The folder to work in; the destination's own when <c>null</c>.</param>
    public PartialOutput(string destination, string? folder = null)
    {
        _destination = System.IO.Path.GetFullPath(destination);
        // The name does not contain the final one: that may already be as long as the file system allows.
        string name = $".sora-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}.partial";
        Path = System.IO.Path.Combine(folder ?? System.IO.Path.GetDirectoryName(_destination)!, name);
    }

    /// <summary>Where to write.</summary>
    public string Path { get; }

    /// <summary>Gives the finished file its final name, over a file that had it.</summary>
    public void Commit() => File.Move(Path, _destination, overwrite: true);

    /// <summary>Removes what was not committed. Failing to do so must not hide the error that led here.</summary>
    public void Dispose()
    {
        try
        {
            if (Directory.Exists(Path))
                Directory.Delete(Path, recursive: true);
            else
                File.Delete(Path);
        }
        catch (IOException) { }
        catch (UnauthorizedAccessException) { }
    }
}
