using System.Globalization;

namespace OnDeviceSora.Budget;

/// <summary>Amounts of memory as people write them.</summary>
public static class MemorySize
{
    /// <summary>What <see cref="Parse"/> accepts, for messages.</summary>
    public const string Format = "an amount of memory such as 3.3GB, 1500MB or 2GiB";

    private static readonly (string Unit, long Bytes)[] Units =
    [
        ("KIB", 1L << 10), ("MIB", 1L << 20), ("GIB", 1L << 30), ("TIB", 1L << 40),
        ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
        ("K", 1_000), ("M", 1_000_000), ("G", 1_000_000_000), ("T", 1_000_000_000_000),
        ("B", 1),
    ];

    /// <summary>Bytes of a text such as <c>3.3GB</c> (1e9 bytes), <c>2GiB</c> (2^30 bytes) or <c>1500000000</c>.</summary>
    /// <param name="text">A positive number with a point for decimals, then optionally a unit in any case; spaces may be around either.</param>
    /// <exception cref="FormatException">It is none, or less than 1 byte or more than 1024 TB; the message says what would be right.</exception>
    public static long Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var upper = text.Trim().ToUpperInvariant();
        var (unit, factor) = Units.FirstOrDefault(unit => upper.EndsWith(unit.Unit, StringComparison.Ordinal));
        var number = unit is null ? upper : upper[..^unit.Length].TrimEnd();
        var isNumber = decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value);
        if (!isNumber || value > 1_024_000_000_000_000m) throw new FormatException(Format);
        var bytes = value * (unit is null ? 1 : factor);
        if (bytes is < 1 or > 1_024_000_000_000_000m) throw new FormatException(Format);
        return (long)bytes;
    }

    /// <summary>Bytes as people read them, in MB or GB of 1e6 and 1e9 bytes.</summary>
    public static string Describe(long bytes) => bytes >= 1_000_000_000
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.00} GB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0} MB");
}
