namespace OnDeviceSora.Tests.Media;

/// <summary>A folder of its own for each test, removed at its end.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("sora-media-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public IEnumerable<string> Names => Directory.EnumerateFileSystemEntries(Path).Select(entry => System.IO.Path.GetFileName(entry)!).Order();

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
