namespace OnDeviceSora.Media;

/// <summary>What a video file says about itself.</summary>
/// <param name="Title">The prompt. Control characters are written as spaces.</param>
/// <param name="Comment">The settings as JSON on one line (see <see cref="VideoSettings"/>), or empty for none.</param>
public sealed record VideoMetadata(string Title, string Comment)
{
    /// <summary>No title and no settings.</summary>
    public static VideoMetadata None { get; } = new("", "");

    /// <summary>The title on one line: what the containers can hold.</summary>
    internal string TitleLine =>
        string.Create(Title.Length, Title, static (line, title) =>
        {
            for (int i = 0; i < line.Length; i++)
                line[i] = char.IsControl(title[i]) ? ' ' : title[i];
        });
}
