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
            return File.Exists(path) ? Parse(File.ReadAllBytes(path), DataLength(data)).Length : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>Opens or creates a journal.</summary>
    /// <param name="path">The journal.</param>
    /// <param name="data">The unfinished file; ranges behind its end are not believed.</param>
    public static PartJournal Open(string path, string data)
    {
        var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            var bytes = new byte[Math.Min(stream.Length, MaximumBytes)];
            stream.ReadExactly(bytes);
            var journal = new PartJournal(stream, Parse(bytes, DataLength(data)));
            journal.Rewrite();
            return journal;
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

    /// <summary>Few long ranges for many short ones, without the torn line a killed process may have left.</summary>
    private void Rewrite()
    {
        _stream.SetLength(0);
        foreach (var range in Arrived.InOrder) _stream.Write(Line(range));
        _stream.Flush();
    }

    private static byte[] Line(ByteRange range) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{range.Start:x16} {range.End:x16}\n"));

    private static ByteRanges Parse(ReadOnlySpan<byte> bytes, long dataLength)
    {
        var arrived = new ByteRanges();
        for (; bytes.Length >= LineLength; bytes = bytes[LineLength..])
        {
            var line = bytes[..LineLength];
            // Anything else than what Note writes ends the reading: the rest cannot be believed.
            if (line[DigitCount] != ' ' || line[^1] != '\n'
                || !long.TryParse(line[..DigitCount], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var start)
                || !long.TryParse(line[(DigitCount + 1)..^1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var end)
                || start < 0 || end <= start)
                break;
            if (end <= dataLength) arrived.Add(new ByteRange(start, end));
        }

        return arrived;
    }

    private static long DataLength(string data) => new FileInfo(data) is { Exists: true } file ? file.Length : 0;
}
