#region The lines of the README
using OnDeviceSora;
using OnDeviceSora.Media;
#endregion
using OnDeviceSora.Tests.Pipeline;

namespace OnDeviceSora.Tests;

/// <summary>The library code of the README, run as it stands there.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public async Task The_library_code_makes_a_video()
    {
        var folder = Directory.CreateTempSubdirectory("sora-readme-");
        try
        {
            await RunIn(folder.FullName);
            Assert.Contains(folder.EnumerateFiles(), file => file.Name.StartsWith("circle.", StringComparison.Ordinal) && file.Length > 1000);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void The_readme_shows_the_code_that_ran()
    {
        var readme = Lines(Path.Combine(EmbeddedModel.Checkout, "README.md"));
        var shown = readme.SkipWhile(line => line != "```csharp").Skip(1).TakeWhile(line => line != "```").Where(line => line.Length > 0);
        var ran = new List<string>();
        var inside = false;
        foreach (var line in Lines(Path.Combine(EmbeddedModel.Checkout, "tests", "OnDeviceSora.Tests", "ReadmeTests.cs")))
        {
            var text = line.Trim();
            if (text.StartsWith("#region The lines", StringComparison.Ordinal)) inside = true;
            else if (text == "#endregion") inside = false;
            else if (inside && text.Length > 0) ran.Add(text);
        }
        Assert.NotEmpty(ran);
        Assert.Equal(shown, ran.Select(InTheReadersFolder));
    }

    private static string[] Lines(string path) => File.ReadAllLines(path);

    /// <summary>The test opens the model where the checkout is and writes to a folder of its own.</summary>
    private static string InTheReadersFolder(string line) => line
        .Replace("EmbeddedModel.Folder", "\"models/opensora-tiny\"", StringComparison.Ordinal)
        .Replace("Path.Combine(folder, \"circle.mp4\")", "\"circle.mp4\"", StringComparison.Ordinal);

    private static async Task RunIn(string folder)
    {
        #region The lines of the README, continued
        using var pipeline = VideoPipeline.Open(EmbeddedModel.Folder);
        var request = new VideoRequest { Prompt = "a big red circle moving left over the sea" };
        var progress = new Progress<GenerationProgress>(p => Console.WriteLine($"{p.Stage} {p.Completed}/{p.Total}"));
        var video = await pipeline.GenerateAsync(request, progress);
        var written = await VideoWriter.WriteAsync(video, Path.Combine(folder, "circle.mp4"));
        Console.WriteLine($"{written.Path}: {video.Frames.Count} frames, leapt at step {video.LeapStep}");
        #endregion
    }
}
