namespace OnDeviceSora.Hub;

/// <summary>
/// Where a file's bytes come from. The hub answers with the signed address of a storage server; it is used for all parts of
/// the file, and asked for anew when the storage server refuses (such addresses expire).
/// </summary>
internal sealed class DownloadLocation(Uri hub)
{
    private readonly Lock _lock = new();
    private (Uri Address, string? Tag)? _storage;

    /// <summary>The address to ask, and the tag its file must still have.</summary>
    public (Uri Address, string? Tag) Next
    {
        get
        {
            lock (_lock) return _storage ?? (hub, null);
        }
    }

    /// <summary>An address has answered.</summary>
    public void Remember(HubBody body)
    {
        lock (_lock) _storage ??= (body.Address, body.StrongTag);
    }

    /// <summary>An address has failed: ask the hub next time.</summary>
    public void Forget()
    {
        lock (_lock) _storage = null;
    }
}
