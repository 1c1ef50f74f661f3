using System.Globalization;
using System.Text;

namespace OnDeviceSora.Hub;

/// <summary>
/// Which bytes of an unfinished file have arrived: a text file beside it, one line a range, appended after the bytes are on the
/// disk. A process may die at any moment: a last line without its end is ignored, and what is not noted is fetched again. The
/// hash of the whole file decides in the end, so a journal can waste a transfer but never spoil a file.
/// </summary>
internal sealed class PartJournal : IDisposable
{
    private const int DigitCount = 16, LineLength = 2 * DigitCount + 2;
    private const long MaximumBytes = 1 << 24;
    private readonly Lock _lock = new();
    private readonly FileStream _stream;

    private PartJournal(FileStream stream, ByteRanges arrived) => (_stream, Arrived) = (stream, arrived);

    /// <summary>What was noted when the journal was opened, and since.</summary>
    public ByteRanges Arrived { get; }

    /// <summary>Bytes that a journal notes, without opening it for writing; 0 when there is none.</summary>
    public static long ArrivedBytes(string path, string data)
    {
        try
        {
            return File.Exists(path) ? Parse(File.ReadAllBytes(path), DataLength(data)).Arrived.Length : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>Opens or creates a journal.</summary>
    /// <param name="path">The journal.</param>
    /// <param name="data">The unfinished file; a range behind its end, and what follows it, is not believed.</param>
    public static PartJournal Open(string path, string data)
    {
        var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            var bytes = new byte[Math.Min(stream.Length, MaximumBytes)];
            stream.ReadExactly(bytes);
            var (arrived, believed) = Parse(bytes, DataLength(data));
            // Only the end is cut off, the torn line that a killed process may have left: the rest is never at risk.
            stream.SetLength(believed);
            stream.Position = believed;
            return new PartJournal(stream, arrived);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Notes a range whose bytes are on the disk. Any thread may call it.</summary>
    public void Note(ByteRange range)
    {
        if (range.Length <= 0) return;
        lock (_lock)
        {
            Arrived.Add(range);
            _stream.Write(Line(range));
            _stream.Flush();
        }
    }

    public void Dispose() => _stream.Dispose();

    private static byte[] Line(ByteRange range) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{range.Start:x16} {range.End:x16}\n"));

    private static (ByteRanges Arrived, long BelievedBytes) Parse(ReadOnlySpan<byte> bytes, long dataLength)
    {
        var arrived = new ByteRanges();
        var believed = 0;
        for (; believed + LineLength <= bytes.Length; believed += LineLength)
        {
            var line = bytes.Slice(believed, LineLength);
            // Anything else than what Note writes ends the reading: the rest cannot be believed.
            if (line[DigitCount] != ' ' || line[^1] != '\n'
                || !long.TryParse(line[..DigitCount], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var start)
                || !long.TryParse(line[(DigitCount + 1)..^1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var end)
                || start < 0 || end <= start || end > dataLength)
                break;
            arrived.Add(new ByteRange(start, end));
        }

        return (arrived, believed);
    }

    private static long DataLength(string data) => new FileInfo(data) is { Exists: true } file ? file.Length : 0;
}
