namespace OnDeviceSora.Hub;

/// <summary>A set of bytes of a file, as ranges in order that do not touch.</summary>
internal sealed class ByteRanges
{
    private readonly List<ByteRange> _ranges = [];

    /// <summary>Bytes in the set.</summary>
    public long Length => _ranges.Sum(range => range.Length);

    /// <summary>Adds a range, which may overlap others.</summary>
    public void Add(ByteRange range)
    {
        if (range.Length <= 0) return;
        var first = _ranges.FindIndex(known => known.End >= range.Start);
        if (first < 0) first = _ranges.Count;
        var last = first;
        for (; last < _ranges.Count && _ranges[last].Start <= range.End; last++)
            range = new ByteRange(Math.Min(range.Start, _ranges[last].Start), Math.Max(range.End, _ranges[last].End));
        _ranges.RemoveRange(first, last - first);
        _ranges.Insert(first, range);
    }

    /// <summary>The ranges, in order.</summary>
    public IReadOnlyList<ByteRange> InOrder => _ranges;

    /// <summary>What a file of <paramref name="size"/> bytes lacks, in pieces of at most <paramref name="pieceBytes"/>.</summary>
    public IEnumerable<ByteRange> Missing(long size, long pieceBytes)
    {
        long position = 0;
        foreach (var known in _ranges.Append(new ByteRange(size, size)))
        {
            for (; position < known.Start; position = Math.Min(position + pieceBytes, known.Start))
                yield return new ByteRange(position, Math.Min(position + pieceBytes, known.Start));
            position = Math.Max(position, known.End);
        }
    }
}
