namespace OnDeviceSora.Hub;

/// <summary>Where the hub is, who asks, and where its files are kept. Other tools of the hub read the same variables.</summary>
/// <param name="Endpoint">The hub's address: http or https, without a query.</param>
/// <param name="CacheFolder">The cache that all tools of the hub share.</param>
/// <param name="Token">The access token; <c>null</c> to ask as nobody. It is sent to the hub's own address only.</param>
public sealed record HubSettings(Uri Endpoint, string CacheFolder, string? Token = null)
{
    private const string PublicHub = "https://huggingface.co";
    private const long LongestToken = 4096;

    /// <summary>
    /// <c>HF_ENDPOINT</c> (default https://huggingface.co); <c>HF_HUB_CACHE</c>, else <c>HF_HOME/hub</c>, else
    /// <c>~/.cache/huggingface/hub</c>; <c>HF_TOKEN</c>, else the file <c>HF_HOME/token</c>.
    /// </summary>
    /// <exception cref="InvalidRequestException">A variable has a value that cannot be honoured.</exception>
    public static HubSettings FromEnvironment() => From(Environment.GetEnvironmentVariable);

    /// <summary>The same, from any source of variables.</summary>
    internal static HubSettings From(Func<string, string?> variable)
    {
        var home = Value("HF_HOME") ?? Path.Combine(
            Value("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "huggingface");
        return new HubSettings(
            ParseEndpoint(Value("HF_ENDPOINT") ?? PublicHub),
            Path.GetFullPath(Value("HF_HUB_CACHE") ?? Path.Combine(home, "hub")),
            CheckToken(Value("HF_TOKEN") ?? TokenFile(Value("HF_TOKEN_PATH") ?? Path.Combine(home, "token"))));

        string? Value(string name) => variable(name)?.Trim() is { Length: > 0 } value ? value : null;
    }

    private static Uri ParseEndpoint(string text) =>
        Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var endpoint)
        && endpoint.Scheme is "http" or "https" && endpoint.Query.Length == 0 && endpoint.UserInfo.Length == 0
            ? endpoint
            : throw new InvalidRequestException("HF_ENDPOINT", $"HF_ENDPOINT must be an address such as {PublicHub}, without user name or query");

    private static string? TokenFile(string path)
    {
        try
        {
            var file = new FileInfo(path);
            return file.Exists && file.Length <= LongestToken && File.ReadAllText(path).Trim() is { Length: > 0 } token ? token : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Public repositories need no token; where one is needed, the hub's refusal says so.
            return null;
        }
    }

    private static string? CheckToken(string? token) =>
        token is null || token.All(c => c is > ' ' and < '\x7f')
            ? token
            : throw new InvalidRequestException("HF_TOKEN", "the access token (HF_TOKEN, or the file HF_HOME/token) holds characters that no token has");
}
