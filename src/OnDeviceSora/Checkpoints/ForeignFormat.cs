namespace OnDeviceSora.Checkpoints;

/// <summary>
/// Recognises, by its first bytes, a file that is offered as weights and is something else, so that the message can say
/// what it is. Nothing of such a file is ever interpreted; a pickle in particular is never executed.
/// </summary>
internal static class ForeignFormat
{
    /// <summary>How many bytes of a file are enough.</summary>
    public const int BytesNeeded = 16;

    private const string Convert = "convert it to safetensors";

    /// <summary>What the file is, and what to do, or <c>null</c> when it is not recognised.</summary>
    /// <param name="start">The first bytes of the file, up to <see cref="BytesNeeded"/>.</param>
    public static string? Recognise(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith("GGUF"u8)) return $"this is a GGUF file, which is not supported; {Convert}";
        if (start.StartsWith("PK\u0003\u0004"u8)) return $"this is a ZIP archive, probably a PyTorch checkpoint, which could run code when loaded and is refused; {Convert}";
        if (IsPickle(start)) return $"this is a Python pickle (an old PyTorch checkpoint), which could run code when loaded and is refused; {Convert}";
        if (start is [0x89, (byte)'H', (byte)'D', (byte)'F', ..]) return $"this is an HDF5 file, which is not supported; {Convert}";
        if (start is [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', ..]) return $"this is a NumPy file, which is not supported; {Convert}";
        if (start.StartsWith("version https://"u8)) return "this is a Git LFS pointer, not the file itself; fetch the file with 'git lfs pull'";
        if (start.StartsWith("<!DOCTYPE"u8) || start.StartsWith("<!doctype"u8) || start.StartsWith("<html"u8)) return "this is a web page, probably an error page saved by a download; download the file again";
        return null;
    }

    // Protocols 2 to 5 start with the PROTO opcode and the number.
    private static bool IsPickle(ReadOnlySpan<byte> start) => start.Length >= 2 && start[0] == 0x80 && start[1] is >= 2 and <= 5;
}
