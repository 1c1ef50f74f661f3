namespace OnDeviceSora.Hub;

/// <summary>Sizes of files that may be links: what counts is what they lead to.</summary>
internal static class LinkedFile
{
    /// <summary>The size in bytes of the file a path leads to; <c>null</c> when there is none, or the link leads nowhere.</summary>
    public static long? Length(string path)
    {
        try
        {
            if (!File.Exists(path)) return null;
            using var handle = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
            return RandomAccess.GetLength(handle);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
