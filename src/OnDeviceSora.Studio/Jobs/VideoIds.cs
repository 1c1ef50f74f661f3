using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace OnDeviceSora.Studio.Jobs;

/// <summary>
/// Makes names for videos: <c>video_</c>, the time in milliseconds and 80 random bits in Crockford's base 32. Each sorts after all before it, so that
/// a place in the list can be named by a video that is gone.
/// </summary>
internal sealed partial class VideoIds(TimeProvider clock)
{
    private const string Prefix = "video_", Digits = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int TimeDigits = 10, RandomDigits = 16;

    private readonly Lock _lock = new();
    private string _last = "";

    /// <summary>Whether it has the form of a name.</summary>
    public static bool IsValid(string? id) => id is not null && Form().IsMatch(id);

    /// <summary>Notes a name that is there already: new ones sort after it.</summary>
    public void Saw(string id)
    {
        lock (_lock)
        {
            if (string.CompareOrdinal(id, _last) > 0) _last = id;
        }
    }

    /// <summary>A new name.</summary>
    public string Next()
    {
        lock (_lock)
        {
            var id = Prefix + TimePart(clock.GetUtcNow().ToUnixTimeMilliseconds()) + RandomPart();
            return _last = string.CompareOrdinal(id, _last) > 0 ? id : Successor(_last);
        }
    }

    private static string TimePart(long milliseconds) => string.Create(TimeDigits, milliseconds, (text, value) =>
    {
        for (var i = text.Length - 1; i >= 0; i--, value >>= 5) text[i] = Digits[(int)(value & 31)];
    });

    private static string RandomPart() => string.Create(RandomDigits, 0, (text, _) =>
    {
        Span<byte> random = stackalloc byte[RandomDigits];
        RandomNumberGenerator.Fill(random);
        for (var i = 0; i < text.Length; i++) text[i] = Digits[random[i] & 31];
    });

    /// <summary>The same name counted up by one: two in one millisecond, or a clock that was set back.</summary>
    private static string Successor(string id)
    {
        var text = id.ToCharArray();
        var i = text.Length - 1;
        for (; text[i] == Digits[^1]; i--) text[i] = Digits[0];
        text[i] = Digits[Digits.IndexOf(text[i], StringComparison.Ordinal) + 1];
        return new string(text);
    }

    [GeneratedRegex(@"^video_[0-9a-hjkmnp-tv-z]{26}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
