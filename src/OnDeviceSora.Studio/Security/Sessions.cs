using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace OnDeviceSora.Studio.Security;

/// <summary>Browsers that have shown the key: players and event streams cannot send it. They are forgotten when the server ends.</summary>
internal sealed class Sessions
{
    private const int Most = 1000, TokenBytes = 32;

    private readonly ConcurrentDictionary<string, long> _tokens = new(StringComparer.Ordinal);
    private long _count;

    /// <summary>A new session's token; the oldest session makes room where there are too many.</summary>
    public string Begin()
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));
        _tokens[token] = Interlocked.Increment(ref _count);
        while (_tokens.Count > Most && _tokens.MinBy(session => session.Value) is { Key: { } oldest }) _tokens.TryRemove(oldest, out _);
        return token;
    }

    /// <summary>Whether it is a session's token.</summary>
    public bool Contains(string token) => _tokens.ContainsKey(token);

    public void End(string token) => _tokens.TryRemove(token, out _);
}
