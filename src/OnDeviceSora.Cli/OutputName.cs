using System.Globalization;
using System.Text;
using OnDeviceSora.Media;

namespace OnDeviceSora.Cli;

/// <summary>Names for outputs that the person did not name.</summary>
internal static class OutputName
{
    private const int MaximumSlug = 48;
    private const string LatentsExtension = ".latents.safetensors";

    /// <summary>
    /// A name in the current folder made of the prompt and the seed, such as <c>a-red-circle-42.mp4</c> (a still picture is a
    /// <c>.png</c>), with -2, -3 ... when something has that name.
    /// </summary>
    public static string For(VideoRequest request)
    {
        string extension = request.Frames == 1 ? ".png" : ".mp4";
        string stem = string.Create(CultureInfo.InvariantCulture, $"{Slug(request.Prompt)}-{request.Seed}");
        return Free(stem, IsTaken) + extension;
    }

    /// <summary>The name under which latents are rescued when their video could not be written: never one that is taken.</summary>
    /// <param name="folder">Where to rescue them to.</param>
    /// <param name="output">The video that could not be written.</param>
    public static string RescuedLatents(string folder, string output)
    {
        string stem = Path.Combine(folder, Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(output)));
        return Free(stem, name => Path.Exists(name + LatentsExtension)) + LatentsExtension;
    }

    /// <summary>Refuses before the work what could not be written after it.</summary>
    /// <param name="file">The file to write, of any ending.</param>
    /// <param name="option">The option that named it.</param>
    /// <exception cref="OutputException">Nothing can be written there.</exception>
    public static void EnsureWritable(string file, string option)
    {
        if (Directory.Exists(file))
            throw new OutputException(file, $"this is a folder; {option} needs the name of a file");
        // Any ending is good here, so the check is that of a picture beside it.
        try
        {
            VideoWriter.EnsureWritable(Path.ChangeExtension(file, ".png"));
        }
        catch (OutputException error)
        {
            throw new OutputException(file, error.Problem, error);
        }
    }

    /// <summary>Letters and digits of the prompt, in lower case, with one hyphen between words.</summary>
    public static string Slug(string prompt)
    {
        var slug = new StringBuilder();
        foreach (var rune in prompt.EnumerateRunes())
        {
            if (slug.Length >= MaximumSlug)
                break;
            if (Rune.IsLetterOrDigit(rune))
                slug.Append(Rune.ToLowerInvariant(rune));
            else if (slug.Length > 0 && slug[^1] != '-')
                slug.Append('-');
        }

        string text = slug.ToString().Trim('-');
        return text.Length == 0 ? "video" : text;
    }

    private static string Free(string stem, Func<string, bool> isTaken)
    {
        string name = stem;
        for (int number = 2; isTaken(name); number++)
            name = string.Create(CultureInfo.InvariantCulture, $"{stem}-{number}");
        return name;
    }

    // The settings and the PNG that may stand in for an MP4 share the stem.
    private static bool IsTaken(string stem) =>
        ((string[])[".mp4", ".png", ".json"]).Any(extension => Path.Exists(stem + extension));
}
