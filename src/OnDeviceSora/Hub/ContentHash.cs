using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OnDeviceSora.Hub;

/// <summary>What the hub says a file's bytes hash to: SHA-256 for large files, git's blob SHA-1 for all others.</summary>
/// <param name="Hex">The hash in lower-case hexadecimal: 64 digits of SHA-256, or 40 of git's SHA-1.</param>
internal sealed record ContentHash(string Hex)
{
    private const int Sha256Digits = 64, Sha1Digits = 40, BufferBytes = 1 << 20;

    /// <summary>The hash's name, for messages.</summary>
    public string Algorithm => Hex.Length == Sha256Digits ? "sha256" : "git sha1";

    /// <summary>Reads a hash; its length tells which one it is.</summary>
    public static ContentHash? Parse(string? text)
    {
        var hex = text?.Trim().ToLowerInvariant();
        return hex is { Length: Sha256Digits or Sha1Digits } && hex.All(char.IsAsciiHexDigitLower) ? new ContentHash(hex) : null;
    }

    /// <summary>The hash of this kind that a file's bytes have, in hexadecimal.</summary>
    /// <param name="path">The file.</param>
    /// <param name="hashed">Told the bytes hashed so far.</param>
    /// <param name="cancellation">Stops it.</param>
    [SuppressMessage("Security", "CA5350", Justification = "git names blobs by SHA-1.")]
    public async Task<string> ComputeAsync(string path, Action<long>? hashed, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(Hex.Length == Sha256Digits ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
        await using var closing = stream.ConfigureAwait(false);
        if (Hex.Length == Sha1Digits)
            hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {stream.Length}\0")));

        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (long total = 0; await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false) is > 0 and var read;)
            {
                hash.AppendData(buffer, 0, read);
                hashed?.Invoke(total += read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
