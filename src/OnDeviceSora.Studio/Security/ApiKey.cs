using System.Security.Cryptography;
using System.Text;

namespace OnDeviceSora.Studio.Security;

/// <summary>The key that callers must have, if there is one.</summary>
internal sealed class ApiKey(StudioOptions options)
{
    private readonly byte[]? _hash = options.ApiKey is { } key ? Hash(key) : null;

    /// <summary>Whether callers need one.</summary>
    public bool IsRequired => _hash is not null;

    /// <summary>Whether it is the key. Takes the same time whatever is wrong with it.</summary>
    public bool Matches(string key) => _hash is not null && CryptographicOperations.FixedTimeEquals(Hash(key), _hash);

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
