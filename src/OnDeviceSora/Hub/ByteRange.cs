namespace OnDeviceSora.Hub;

/// <summary>Bytes <paramref name="Start"/> to <paramref name="End"/> of a file; the end is not part of it.</summary>
internal readonly record struct ByteRange(long Start, long End)
{
    /// <summary>Bytes in the range.</summary>
    public long Length => End - Start;
}
