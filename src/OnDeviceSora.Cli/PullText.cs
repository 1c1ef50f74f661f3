using System.Globalization;
using OnDeviceSora.Hub;

namespace OnDeviceSora.Cli;

/// <summary>The words for a download.</summary>
internal static class PullText
{
    /// <summary>The file: what happens to it and how far it is.</summary>
    public static string File(PullProgress progress) => string.Create(CultureInfo.InvariantCulture,
        $"{(progress.Activity == PullActivity.Checking ? "checking" : "fetching")} {progress.Repository}/{progress.File} {Percent(progress.FileCompleted, progress.FileTotal)}%");

    /// <summary>All files: bytes, rate and time left.</summary>
    public static string Total(PullProgress progress)
    {
        string text = $"{ProgressText.Bytes(progress.Completed)} of {ProgressText.Bytes(progress.Total)}";
        if (progress.Completed >= progress.Total || progress.BytesPerSecond < 1)
            return text;
        text += $", {ProgressText.Bytes((long)progress.BytesPerSecond)}/s";
        return progress.Remaining is { } remaining ? $"{text}, {ProgressText.Duration(remaining)} left" : text;
    }

    /// <summary>The command that comes after a pull.</summary>
    public static string Next(string model) => $"sora convert {model} DIR";

    /// <summary>The end: where everything is, and what comes next.</summary>
    public static void Write(TextWriter output, TextWriter error, PullResult result, TimeSpan elapsed)
    {
        error.WriteLine(result.FetchedBytes == 0
            ? $"{result.Model.Name}: all {ProgressText.Bytes(result.TotalBytes)} were already here"
            : $"{result.Model.Name}: fetched {ProgressText.Bytes(result.FetchedBytes)} in {ProgressText.Duration(elapsed)}, {ProgressText.Bytes(result.TotalBytes)} in all, every file checked");
        foreach (var part in result.Model.Parts)
            output.WriteLine($"{part.Name}: {part.Folder}");
        output.WriteLine($"tokenizer: {result.Model.TokenizerPath}");
        error.WriteLine($"next: {Next(result.Model.Name)}");
    }

    private static long Percent(long completed, long total) => total == 0 ? 100 : completed * 100 / total;
}
