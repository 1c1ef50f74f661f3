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
        var log = await TrainingProgram.RunAsync(new ProcessStartInfo(
            "sh", [Path.Combine(TrainingProgram.Folder, "train_all.sh"), _folder["work"], Path.Combine(EmbeddedModel.Folder, "spiece.model"), package])
        { Environment = { ["QUICK"] = "1", ["PYTHON"] = PythonWithTorch.Command } });
        foreach (var stage in (string[])["train_spatial.py", "clips.py", "train_temporal.py", "latents.py", "train_transformer.py", "evaluate.py", "export.py"])
            Assert.Contains($"== {stage}", log, StringComparison.Ordinal);

        Assert.InRange(new DirectoryInfo(package).EnumerateFiles().Sum(file => file.Length), 1, LargestPackage);
        using var pipeline = VideoPipeline.Open(package);
        var video = await pipeline.GenerateAsync(EmbeddedModel.Small);
        Assert.Equal(EmbeddedModel.Small.Frames, video.Frames.Count);
    }

    [TrainingFact]
    public async Task Checkpoints_of_the_embedded_model_are_exported_to_the_same_package()
    {
        var (work, package, tokenizer) = (_folder["work"], _folder["package"], Path.Combine(EmbeddedModel.Folder, "spiece.model"));
        await TrainingProgram.PythonAsync("from_package.py", "--package", EmbeddedModel.Folder, "--tokenizer", tokenizer, "--out", work);
        await TrainingProgram.PythonAsync("export.py", "--tokenizer", tokenizer, "--vae", Path.Combine(work, "vae.pt"), "--generator", Path.Combine(work, "generator.pt"), "--out", package);
        foreach (var file in (string[])["config.json", "spiece.model", "text_encoder.safetensors", "transformer.safetensors", "vae.safetensors"])
            Assert.Equal(File.ReadAllBytes(Path.Combine(EmbeddedModel.Folder, file)), File.ReadAllBytes(Path.Combine(package, file)));
    }

    public void Dispose() => _folder.Dispose();
}
