using System.Globalization;

namespace OnDeviceSora.Media;

/// <summary>What an output path asks for.</summary>
/// <param name="Path">The full path, without a slash at its end.</param>
/// <param name="Format">What to write there.</param>
internal sealed record OutputTarget(string Path, VideoFormat Format)
{
    private const string Choices = "use .mp4, .png or .apng, or end it with / for a folder of pictures";

    /// <summary>Reads a path.</summary>
    /// <exception cref="InvalidRequestException">It asks for nothing that can be written.</exception>
    /// <exception cref="OutputException">Its folder does not exist.</exception>
    public static OutputTarget Parse(string path, VideoWriterOptions options)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0'))
            throw new InvalidRequestException("output", $"the output has no usable name; {Choices}");
        string full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        var format = options.Folder || System.IO.Path.EndsInDirectorySeparator(path) || Directory.Exists(full)
            ? VideoFormat.PngFolder
            : FormatOf(path);

        string? parent = System.IO.Path.GetDirectoryName(full);
        if (parent is not null && !Directory.Exists(parent))
            throw new OutputException(path, $"the folder {parent} does not exist; create it or choose another");
        if (format == VideoFormat.PngFolder && File.Exists(full))
            throw new OutputException(path, "a file with this name is there; a folder cannot take its place");
        return new OutputTarget(full, format);
    }

    /// <summary>The path itself when it is free or holds a video of sora's; otherwise the same name with -2, -3 ...</summary>
    public static string FreeOrOurs(string path)
    {
        string stem = System.IO.Path.ChangeExtension(path, null), extension = System.IO.Path.GetExtension(path);
        string candidate = path;
        for (int number = 2; File.Exists(candidate) && !VideoSettingsReader.Recognises(candidate); number++)
            candidate = string.Create(CultureInfo.InvariantCulture, $"{stem}-{number}{extension}");
        return candidate;
    }

    private static VideoFormat FormatOf(string path) => System.IO.Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".mp4" or ".m4v" => VideoFormat.Mp4,
        ".png" or ".apng" => VideoFormat.Png,
        "" => throw new InvalidRequestException("output", $"the output {path} has no ending and is no folder; {Choices}"),
        var ending => throw new InvalidRequestException("output", $"the output {path} ends with {ending}, which cannot be written; {Choices}"),
    };
}
