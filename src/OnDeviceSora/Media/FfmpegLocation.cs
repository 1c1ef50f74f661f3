namespace OnDeviceSora.Media;

/// <summary>Where ffmpeg is, or why there is none.</summary>
/// <param name="Path">Full path of the program, or <c>null</c>.</param>
/// <param name="Reason">When there is none: one clause that says where it was looked for.</param>
internal sealed record FfmpegLocation(string? Path, string Reason)
{
    /// <summary>The environment variable that names the program.</summary>
    public const string Variable = "SORA_FFMPEG";

    /// <summary>Looks at <paramref name="named"/>, then at <see cref="Variable"/>, then along <c>PATH</c>.</summary>
    public static FfmpegLocation Find(string? named = null)
    {
        string source = named is null ? Variable : nameof(VideoWriterOptions.Ffmpeg);
        string? choice = named ?? Environment.GetEnvironmentVariable(Variable);
        if (!string.IsNullOrEmpty(choice))
        {
            return IsProgram(choice)
                ? new FfmpegLocation(System.IO.Path.GetFullPath(choice), "")
                : new FfmpegLocation(null, $"{source} names {choice}, which is not a program");
        }

        string program = OperatingSystem.IsWindows() ? "ffmpeg.exe" : "ffmpeg";
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator))
        {
            // Relative entries would mean the current folder, which is not a place to take programs from.
            if (System.IO.Path.IsPathFullyQualified(folder) && IsProgram(System.IO.Path.Combine(folder, program)))
                return new FfmpegLocation(System.IO.Path.Combine(folder, program), "");
        }

        return new FfmpegLocation(null, $"ffmpeg is not on PATH and {Variable} is not set");
    }

    private static bool IsProgram(string path)
    {
        const UnixFileMode executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        try
        {
            return File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & executable) != 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
