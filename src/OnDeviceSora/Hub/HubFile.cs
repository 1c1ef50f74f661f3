namespace OnDeviceSora.Hub;

/// <summary>A file of a repository at one commit.</summary>
/// <param name="Path">Its path inside the repository, with forward slashes; checked to stay inside.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Hash">The hash its bytes must have; in hexadecimal, it is also its name among the cache's blobs.</param>
internal sealed record HubFile(string Path, long Size, ContentHash Hash);
