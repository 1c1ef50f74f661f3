using System.Text;
using System.Text.Json;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Media;

/// <summary>Reads the settings back from what <see cref="VideoWriter"/> wrote: <c>sora generate --like FILE</c>.</summary>
public static class VideoSettingsReader
{
    /// <summary>The most bytes that settings may have in any file.</summary>
    internal const int MaximumBytes = 4 << 20;

    /// <summary>The settings' file in a folder of pictures.</summary>
    internal const string FolderFile = "video.json";

    /// <summary>Reads the settings of a video.</summary>
    /// <param name="path">
    /// An MP4 or PNG that this library wrote, the <c>.json</c> beside it, or a folder of pictures. What the file is follows
    /// from its content, not from its name. When the video carries no settings, the <c>.json</c> beside it is read.
    /// </param>
    /// <exception cref="InvalidFileException">There is no such file, it is damaged, or it carries no settings.</exception>
    public static VideoSettings Read(string path)
    {
        if (Directory.Exists(path))
            return Read(Path.Combine(path, FolderFile));
        try
        {
            using var stream = File.OpenRead(path);
            return Read(stream, path) ?? ReadBeside(path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidFileException(path, "there is no such file", error);
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw new InvalidFileException(path, $"the settings cannot be read: {error.Message.TrimEnd('.')}", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new InvalidFileException(path, $"it cannot be read: {error.Message}", error);
        }
    }

    /// <summary>The settings in an opened file, or <c>null</c> when it is a video without settings.</summary>
    internal static VideoSettings? Read(Stream stream, string path)
    {
        Span<byte> start = stackalloc byte[12];
        int count = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        stream.Position = 0;

        if (start[..count].StartsWith(PngChunkWriter.Signature))
            return PngTextReader.Read(stream, PngWriter.SettingsKeyword) is { } text ? ParseIfOurs(text, path) : null;
        if (count >= 8 && start[4..8].SequenceEqual("ftyp"u8))
            return Mp4CommentReader.Read(stream) is { } comment ? ParseIfOurs(comment, path) : null;
        if (!LooksLikeJson(start[..count]))
            throw new InvalidDataException("it is none of MP4, PNG and JSON");
        if (stream.Length > MaximumBytes)
            throw new InvalidDataException($"it has {stream.Length} bytes, more than the {MaximumBytes} that settings may have");
        using var reader = new StreamReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: false));
        return Parse(reader.ReadToEnd(), path);
    }

    /// <summary>True when this library wrote the file, so that it may replace it without being asked.</summary>
    internal static bool Recognises(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return Read(stream, path) is not null;
        }
        catch (Exception error) when (error is SoraException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return false;
        }
    }

    private static VideoSettings ReadBeside(string path)
    {
        foreach (string beside in SettingsFile.Names(path))
        {
            if (File.Exists(beside) && Recognises(beside))
                return Read(beside);
        }

        throw new InvalidFileException(
            path, $"it carries no settings of sora, and {SettingsFile.Names(path)[0]} is not there either; give a file that sora wrote");
    }

    // Other programs also write comments: those are not settings, and not an error.
    private static VideoSettings? ParseIfOurs(string text, string path) =>
        text.Contains(VideoSettings.Format, StringComparison.Ordinal) ? Parse(text, path) : null;

    /// <summary>Reads the JSON that <see cref="VideoSettings"/> writes, or a bare request.</summary>
    /// <exception cref="InvalidFileException">It is not that.</exception>
    internal static VideoSettings Parse(string json, string path)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                throw new InvalidFileException(path, "the settings are not a JSON object");
            var request = root.TryGetProperty("request", out var member) ? member : root;
            string? model = root.TryGetProperty("model", out var name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null;
            return new VideoSettings(VideoRequestJson.Parse(request.GetRawText(), path), model, VideoRequestJson.Integer(root, "decodeTile", 1, path));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: text with an unpaired surrogate, which JSON can spell and Unicode cannot.
            throw new InvalidFileException(path, $"the settings are not JSON as sora writes it: {error.Message}", error);
        }
    }

    private static bool LooksLikeJson(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            start = start[3..];
        start = start.TrimStart(" \t\r\n"u8);
        return start.IsEmpty || start[0] == (byte)'{';
    }
}
