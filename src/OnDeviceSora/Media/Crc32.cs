namespace OnDeviceSora.Media;

/// <summary>The checksum of PNG chunks (ISO 3309, polynomial 0xEDB88320).</summary>
internal struct Crc32
{
    private static readonly uint[] Table = BuildTable();
    private uint _inverted;

    /// <summary>The checksum of everything appended so far.</summary>
    public readonly uint Value => _inverted;

    /// <summary>Continues the checksum over <paramref name="bytes"/>.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        uint crc = ~_inverted;
        foreach (byte b in bytes)
            crc = Table[(byte)(crc ^ b)] ^ (crc >> 8);
        _inverted = ~crc;
    }

    private static uint[] BuildTable()
    {
        var table = new uint[256];
        for (uint i = 0; i < 256; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++)
                value = (value & 1) != 0 ? 0xEDB88320 ^ (value >> 1) : value >> 1;
            table[i] = value;
        }

        return table;
    }
}
