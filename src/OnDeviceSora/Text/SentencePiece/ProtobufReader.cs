using System.Buffers.Binary;

namespace OnDeviceSora.Text.SentencePiece;

/// <summary>How the bytes of a protobuf field are laid out.</summary>
internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}

/// <summary>
/// Reads the fields of one protobuf message from untrusted bytes, without copying them. Every length is checked against the
/// bytes that are there, so nothing is read, skipped or allocated beyond them.
/// </summary>
internal ref struct ProtobufReader
{
    private readonly ReadOnlySpan<byte> _message;
    private readonly string _path;
    private readonly int _start;
    private int _position;

    /// <summary>Starts at the first field.</summary>
    /// <param name="message">The bytes of the message.</param>
    /// <param name="path">The file it comes from, for the error.</param>
    /// <param name="start">The position of the message in the file, for the error.</param>
    public ProtobufReader(ReadOnlySpan<byte> message, string path, int start = 0)
    {
        _message = message;
        _path = path;
        _start = start;
        _position = 0;
    }

    /// <summary>The position in the file of the next byte.</summary>
    public readonly int FilePosition => _start + _position;

    /// <summary>Reads the next field's number and layout; false at the end of the message.</summary>
    public bool TryReadTag(out int field, out WireType wireType)
    {
        field = 0;
        wireType = default;
        if (_position == _message.Length) return false;

        int at = FilePosition;
        ulong tag = ReadVarint();
        field = (int)(tag >> 3 & 0x1FFF_FFFF);
        wireType = (WireType)(tag & 7);
        if (tag > uint.MaxValue || field == 0)
            throw Damaged(at, "a field tag out of range");
        if (wireType is not (WireType.Varint or WireType.Fixed64 or WireType.Bytes or WireType.Fixed32))
            throw Damaged(at, $"field {field} with the unknown layout {(int)wireType}");
        return true;
    }

    /// <summary>Reads a variable-length integer.</summary>
    public ulong ReadVarint()
    {
        int at = FilePosition;
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (_position == _message.Length)
                throw Damaged(at, "an integer that runs past the end of its message");
            byte next = _message[_position++];
            value |= (ulong)(next & 0x7F) << Math.Min(shift, 63);
            if (next < 0x80) return value;
        }
        throw Damaged(at, "an integer of more than ten bytes");
    }

    /// <summary>Reads a 32-bit float.</summary>
    public float ReadFloat() => BinaryPrimitives.ReadSingleLittleEndian(Take(4));

    /// <summary>Reads a length and that many bytes.</summary>
    /// <param name="filePosition">Where in the file the bytes start.</param>
    public ReadOnlySpan<byte> ReadBytes(out int filePosition)
    {
        int at = FilePosition;
        ulong length = ReadVarint();
        int left = _message.Length - _position;
        if (length > (ulong)left)
            throw Damaged(at, $"a field of {length} bytes where only {left} are left");
        filePosition = FilePosition;
        return Take((int)length);
    }

    /// <summary>Passes over a field that is of no interest.</summary>
    public void Skip(WireType wireType)
    {
        switch (wireType)
        {
            case WireType.Varint: ReadVarint(); break;
            case WireType.Fixed64: Take(8); break;
            case WireType.Fixed32: Take(4); break;
            default: ReadBytes(out _); break;
        }
    }

    /// <summary>Insists that a known field has the layout it must have.</summary>
    public readonly void Expect(WireType found, WireType expected, string field)
    {
        if (found != expected)
            throw Damaged(FilePosition, $"the field '{field}' laid out as {found}, which must be {expected}");
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _message.Length - _position)
            throw Damaged(FilePosition, $"a value of {length} bytes where only {_message.Length - _position} are left");
        var bytes = _message.Slice(_position, length);
        _position += length;
        return bytes;
    }

    private readonly InvalidFileException Damaged(int at, string what) =>
        new(_path, $"not a readable SentencePiece model: {what}, at byte {at}. The file is damaged or of another kind.");
}
