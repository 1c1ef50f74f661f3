using System.Text;

namespace OnDeviceSora.Tests.Checkpoints;

/// <summary>Damages bytes the way disks, downloads and attackers do: flips, cuts, repeats, and values that sit on the edges.</summary>
internal static class Mutation
{
    private static readonly byte[][] Edges =
    [
        .. new[]
        {
            "-1", "0", "1e308", "1e999", "9223372036854775807", "9223372036854775808", "18446744073709551615", "4294967296", "0.5", "NaN",
            "null", "true", "[]", "{}", "\"\"", "\"\\ud800\"", "\"\\u0000\"", ",", ":", "\"", "\\", "}", "]", "[[[[[[[[[[[[[[[[[[[[", "../", "/", "__metadata__", "\u00e9",
        }.Select(Encoding.UTF8.GetBytes),
        [0xff], [0x00], [0xc0, 0x80], [0xed, 0xa0, 0x80],
    ];

    public static byte[] Of(byte[] seed, Random random)
    {
        var bytes = seed.ToList();
        for (var changes = random.Next(1, 4); changes > 0 && bytes.Count > 0; changes--) Change(bytes, random);
        return [.. bytes];
    }

    private static void Change(List<byte> bytes, Random random)
    {
        var at = random.Next(bytes.Count);
        var length = Math.Min(random.Next(1, 24), bytes.Count - at);
        switch (random.Next(6))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, length);
                break;
            case 3:
                bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, length));
                break;
            case 4:
                ReplaceValue(bytes, at, Edges[random.Next(Edges.Length)]);
                break;
            default:
                bytes.RemoveRange(at, random.Next(8) == 0 ? bytes.Count - at : length);
                break;
        }
    }

    /// <summary>Puts an edge value where a number or word stands.</summary>
    private static void ReplaceValue(List<byte> bytes, int at, byte[] value)
    {
        var end = at;
        while (end < bytes.Count && (char.IsAsciiLetterOrDigit((char)bytes[end]) || bytes[end] is (byte)'.' or (byte)'-')) end++;
        bytes.RemoveRange(at, end - at);
        bytes.InsertRange(at, value);
    }
}
