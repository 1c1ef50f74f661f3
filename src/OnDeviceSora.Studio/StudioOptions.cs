using System.Net;

namespace OnDeviceSora.Studio;

/// <summary>How a studio runs.</summary>
public sealed record StudioOptions
{
    /// <summary>The model's folder.</summary>
    public required string Model { get; init; }

    /// <summary>Where videos and the queue are kept; created where there is none. One server at a time may use it.</summary>
    public required string DataFolder { get; init; }

    /// <summary>How generations run. <see cref="PipelineOptions.Timeline"/> is ignored: every video gets its own.</summary>
    public PipelineOptions Pipeline { get; init; } = new();

    /// <summary>The address to listen at. Any but the loopback's needs <see cref="ApiKey"/>.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port to listen at, 0 to 65535; 0 takes a free one.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>What callers must have, or <c>null</c> for no key.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Origins of web pages, beside the studio's own, that may call: <c>scheme://host[:port]</c>.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>Videos that may wait, 1 or more.</summary>
    public int QueueLimit { get; init; } = 1000;

    /// <summary>How long videos are kept after they are done; <c>null</c> for ever.</summary>
    public TimeSpan? Keep { get; init; }

    /// <summary>Whether a size or length that the model cannot make becomes the nearest one that it can, instead of an error.</summary>
    public bool Nearest { get; init; }

    /// <summary>Whether the log is JSON, a line an entry, instead of text.</summary>
    public bool JsonLog { get; init; }

    /// <summary>The port when none is named.</summary>
    public const int DefaultPort = 8439;

    /// <summary>Refuses options that cannot work.</summary>
    /// <exception cref="InvalidRequestException">The message says what would.</exception>
    internal void Check()
    {
        if (Port is < 0 or > 65535) throw new InvalidRequestException(nameof(Port), $"the port is {Port}; it must be 0 to 65535");
        if (QueueLimit < 1) throw new InvalidRequestException(nameof(QueueLimit), $"the queue's limit is {QueueLimit}; it must be at least 1");
        if (Keep is { } keep && keep <= TimeSpan.Zero) throw new InvalidRequestException(nameof(Keep), "videos must be kept for some time");
        if (ApiKey is { Length: 0 }) throw new InvalidRequestException(nameof(ApiKey), "the API key is empty");
        if (ApiKey is null && !IPAddress.IsLoopback(Address))
            throw new InvalidRequestException(nameof(Address), $"{Address} can be reached from other machines, which needs an API key: --api-key KEY, or the environment variable SORA_API_KEY; or listen at 127.0.0.1");
        foreach (var origin in AllowedOrigins.Where(origin => !IsOrigin(origin)))
            throw new InvalidRequestException(nameof(AllowedOrigins), $"'{origin}' is no origin; give scheme, host and port only, such as http://localhost:3000");
    }

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.GetLeftPart(UriPartial.Authority) == text;
}
