using System.Diagnostics;
using OnDeviceSora.Tests.Pipeline;

namespace OnDeviceSora.Tests.Training;

/// <summary>The programs of tools/embedded-model, from nothing to a package that makes videos.</summary>
[Trait("Category", "Soak")]
public sealed class TrainAllTests : IDisposable
{
    private const long LargestPackage = 40_000_000;

    private readonly TemporaryFolder _folder = new();

    [TrainingFact]
    public async Task A_few_steps_of_every_stage_give_a_package_that_makes_a_video()
    {
        var package = _folder["package"];
        var log = await TrainAsync(_folder["work"], package);
        foreach (var stage in (string[])["train_spatial.py", "clips.py", "train_temporal.py", "latents.py", "train_transformer.py", "redraw.py", "train_decoders.py", "evaluate.py", "export.py"])
            Assert.Contains($"== {stage}", log, StringComparison.Ordinal);

        Assert.InRange(new DirectoryInfo(package).EnumerateFiles().Sum(file => file.Length), 1, LargestPackage);
        using var pipeline = VideoPipeline.Open(package);
        var video = await pipeline.GenerateAsync(EmbeddedModel.Small);
        Assert.Equal(EmbeddedModel.Small.Frames, video.Frames.Count);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<string> TrainAsync(string work, string package)
    {
        var tools = Path.Combine(EmbeddedModel.Checkout, "tools", "embedded-model");
        var start = new ProcessStartInfo("sh", [Path.Combine(tools, "train_all.sh"), work, Path.Combine(EmbeddedModel.Folder, "spiece.model"), package])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["QUICK"] = "1", ["PYTHON"] = PythonWithTorch.Command },
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var log = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, log + await errors);
        return log;
    }
}
