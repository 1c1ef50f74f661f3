using System.Text.Json;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Hub;

/// <summary>What a repository holds at one commit. The hub's answer is untrusted: a name that leads out of the repository is refused.</summary>
/// <param name="Commit">The commit, 40 hexadecimal digits.</param>
/// <param name="Entries">Its files by path.</param>
internal sealed record HubListing(string Commit, IReadOnlyDictionary<string, HubListing.Entry> Entries)
{
    private const int CommitDigits = 40;

    /// <summary>A file as listed. Not every server says sizes and hashes here.</summary>
    /// <param name="Size">Bytes; <c>null</c> when not said.</param>
    /// <param name="Hash">The hash; <c>null</c> when not said.</param>
    internal sealed record Entry(long? Size, ContentHash? Hash);

    /// <summary>Reads the hub's answer to <c>/api/models/REPOSITORY/revision/REVISION?blobs=true</c>.</summary>
    /// <param name="address">Where it comes from, for messages.</param>
    /// <param name="utf8">The answer.</param>
    /// <exception cref="DownloadException">It is not such a listing, or names a path outside the repository.</exception>
    public static HubListing Parse(string address, ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonFile.Parse(address, utf8);
            return Parse(address, document.RootElement);
        }
        catch (InvalidFileException e)
        {
            throw new DownloadException(address, $"the answer is not the listing of a repository ({e.Message}); is HF_ENDPOINT a hub?", e);
        }
    }

    /// <summary>True when a path stays inside the folder it is relative to, on every system.</summary>
    public static bool IsInside(string path) =>
        path.Length > 0 && !path.Any(c => char.IsControl(c) || c is '\\' or ':')
        && path.Split('/').All(segment => segment.Length > 0 && segment is not ("." or ".."));

    private static HubListing Parse(string address, JsonElement root)
    {
        var commit = Text(root, "sha");
        if (commit is not { Length: CommitDigits } || !commit.All(char.IsAsciiHexDigitLower))
            throw new DownloadException(address, "the listing does not name its commit ('sha', 40 hexadecimal digits)");
        if (!root.TryGetProperty("siblings", out var siblings) || siblings.ValueKind != JsonValueKind.Array)
            throw new DownloadException(address, "the listing has no array 'siblings' of files");

        var entries = new Dictionary<string, Entry>(StringComparer.Ordinal);
        foreach (var sibling in siblings.EnumerateArray())
        {
            var path = Text(sibling, "rfilename") ?? throw new DownloadException(address, "the listing has a file without a name ('rfilename')");
            if (!IsInside(path))
                throw new DownloadException(address, $"the listing names the file {Describe.Quote(path)}, which leads out of the repository; nothing was fetched");
            if (!entries.TryAdd(path, Read(sibling)))
                throw new DownloadException(address, $"the listing names the file {Describe.Quote(path)} twice");
        }

        return new HubListing(commit, entries);
    }

    private static Entry Read(JsonElement sibling)
    {
        var isLarge = sibling.TryGetProperty("lfs", out var large) && large.ValueKind == JsonValueKind.Object;
        return isLarge
            ? new Entry(Size(large) ?? Size(sibling), ContentHash.Parse(Text(large, "sha256") ?? Text(large, "oid")))
            : new Entry(Size(sibling), ContentHash.Parse(Text(sibling, "blobId")));
    }

    private static long? Size(JsonElement of) =>
        of.TryGetProperty("size", out var size) && size.ValueKind == JsonValueKind.Number && size.TryGetInt64(out var bytes) && bytes >= 0 ? bytes : null;

    private static string? Text(JsonElement of, string key) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String
            ? JsonFile.Text("the hub's listing", key, value)
            : null;
}
