using OnDeviceSora.Acceleration;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Tests.Pipeline;

/// <summary>Generations that stop anywhere and go on from their checkpoint.</summary>
public sealed class GenerationCheckpointTests : IDisposable
{
    private static readonly VideoRequest Request = EmbeddedModel.Small with
    {
        Steps = 7,
        MergeSteps = 2,
        Leap = new LeapSettings.Dynamic { MinimumSteps = 2, Tolerance = 1, Patience = 3 },
    };

    private readonly TemporaryFolder _folder = new();

    private string State => Path.Combine(_folder.Path, GenerationCheckpoint.FileName);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Stopped_after_any_step_it_ends_with_the_same_bits()
    {
        using var pipeline = VideoPipeline.Open(EmbeddedModel.Folder);
        var whole = await pipeline.GenerateAsync(Request);
        Assert.Equal(4, whole.LeapStep);

        // After the prompt, after each step, and after each of them once more: every state is written by a resumed run.
        for (var stop = 0; stop <= 4; stop++) await StopAfter(stop);
        using var checkpoint = GenerationCheckpoint.Open(_folder.Path);
        var stages = new List<(GenerationStage, int)>();
        var resumed = await pipeline.GenerateAsync(Request, checkpoint, new Collector(report => stages.Add((report.Stage, report.Completed))));

        Assert.Equal(whole.Latents.Values, resumed.Latents.Values);
        Assert.Equal(Pixels(whole), Pixels(resumed));
        Assert.Equal(whole.Similarities, resumed.Similarities);
        Assert.Equal((whole.ExecutedSteps, whole.LeapStep), (resumed.ExecutedSteps, resumed.LeapStep));
        Assert.DoesNotContain(stages, stage => stage.Item1 == GenerationStage.TextEncoding);
        Assert.Equal([4, 5], stages.Where(stage => stage.Item1 == GenerationStage.Denoising).Select(stage => stage.Item2));
        Assert.Equal(3, resumed.Timings.Count);
        Assert.True(checkpoint.State!.IsSampled);
        Assert.Null(checkpoint.State.Video);
    }

    [Fact]
    public async Task A_finished_sampling_only_decodes()
    {
        using var pipeline = VideoPipeline.Open(EmbeddedModel.Folder);
        VideoLatents sampled;
        using (var checkpoint = GenerationCheckpoint.Open(_folder.Path)) sampled = await pipeline.SampleAsync(Request, checkpoint);
        using var again = GenerationCheckpoint.Open(_folder.Path);
        var stages = new List<GenerationStage>();
        var video = await pipeline.GenerateAsync(Request, again, new Collector(report => stages.Add(report.Stage)));
        Assert.Equal([GenerationStage.Decoding], stages.Distinct());
        Assert.Equal(sampled.Values, video.Latents.Values);
        Assert.Equal(sampled.Sampling!.Similarities, video.Similarities);
        again.Finish(_folder["v.png"]);
        Assert.Equal(_folder["v.png"], GenerationCheckpoint.Read(_folder.Path).Video);
    }

    [Fact]
    public async Task The_state_remembers_where_the_video_goes_and_how_it_is_decoded()
    {
        using (var checkpoint = GenerationCheckpoint.Open(_folder.Path, output: _folder["v é\ud83c\udf0a.png"], outputWasNamed: true))
        using (var pipeline = VideoPipeline.Open(EmbeddedModel.Folder, new PipelineOptions { DecodeTile = 16 }))
            await pipeline.SampleAsync(Request, checkpoint);
        var state = GenerationCheckpoint.Read(_folder.Path);
        Assert.Equal((_folder["v é\ud83c\udf0a.png"], true, 16), (state.Output, state.OutputWasNamed, state.DecodeTile));
        Assert.Equal(Path.GetFullPath(EmbeddedModel.Folder), state.ModelFolder);
        Assert.Equal(17, state.Request.Frames);
        Assert.Equal(12, state.Request.FramesPerSecond);
    }

    [Fact]
    public async Task Another_unfinished_generation_is_refused_until_it_is_discarded_or_finished()
    {
        using var pipeline = VideoPipeline.Open(EmbeddedModel.Folder);
        await StopAfter(1);
        var other = Request with { Seed = 5 };
        using (var checkpoint = GenerationCheckpoint.Open(_folder.Path))
        {
            var error = await Assert.ThrowsAsync<InvalidRequestException>(() => pipeline.SampleAsync(other, checkpoint));
            Assert.Equal("checkpoint", error.Parameter);
            Assert.Contains("1 of 7 steps", error.Message, StringComparison.Ordinal);
        }
        Assert.Equal(1, GenerationCheckpoint.Read(_folder.Path).CompletedSteps);

        using (var checkpoint = GenerationCheckpoint.Open(_folder.Path, discard: true))
        {
            Assert.Equal((await pipeline.SampleAsync(other)).Values, (await pipeline.SampleAsync(other, checkpoint)).Values);
            checkpoint.Finish("v.mp4");
        }
        using (var checkpoint = GenerationCheckpoint.Open(_folder.Path))
            Assert.Equal((await pipeline.SampleAsync(Request)).Values, (await pipeline.SampleAsync(Request, checkpoint)).Values);
    }

    [Fact]
    public async Task Another_model_is_refused_and_the_same_under_another_name_is_not()
    {
        await StopAfter(1);
        var model = _folder["renamed"];
        Directory.CreateDirectory(model);
        foreach (var file in Directory.EnumerateFiles(EmbeddedModel.Folder)) File.Copy(file, Path.Combine(model, Path.GetFileName(file)));
        using (var pipeline = VideoPipeline.Open(model))
        using (var checkpoint = GenerationCheckpoint.Open(_folder.Path))
            Assert.Equal(5, (await pipeline.SampleAsync(Request, checkpoint)).Sampling!.ExecutedSteps);

        await StopAfter(1, discard: true);
        File.AppendAllText(Path.Combine(model, "config.json"), " ");
        using (var pipeline = VideoPipeline.Open(model))
        using (var checkpoint = GenerationCheckpoint.Open(_folder.Path))
        {
            var error = await Assert.ThrowsAsync<InvalidModelException>(() => pipeline.SampleAsync(Request, checkpoint));
            Assert.Contains("opensora-tiny@", error.Message, StringComparison.Ordinal);
            Assert.Contains("renamed@", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_damaged_state_is_refused_whichever_byte_it_is()
    {
        await StopAfter(2);
        var sound = await File.ReadAllBytesAsync(State);
        var random = new Random(1);
        for (var i = 0; i < 200; i++)
        {
            var damaged = sound.ToArray();
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(State, i < 150 ? damaged : sound[..random.Next(sound.Length)]);
            Assert.ThrowsAny<InvalidFileException>(() => GenerationCheckpoint.Read(_folder.Path));
        }

        Assert.ThrowsAny<InvalidFileException>(() => GenerationCheckpoint.Open(_folder.Path));
        using var discarded = GenerationCheckpoint.Open(_folder.Path, discard: true);
        Assert.Null(discarded.State);
    }

    [Fact]
    public void What_is_no_state_is_named()
    {
        Says("no such folder", () => GenerationCheckpoint.Read(_folder["nowhere"]));
        Says("no state.safetensors", () => GenerationCheckpoint.Read(_folder.Path));
        LatentsFile.Save(State, new VideoLatents([1], 1, 1, 1, 1, Request));
        Says("not the state of a generation", () => GenerationCheckpoint.Read(_folder.Path));
        // Someone else's file is not even discarded.
        Says("choose another folder", () => GenerationCheckpoint.Open(_folder.Path, discard: true));
        File.WriteAllText(State, "no safetensors at all");
        Says("state.safetensors", () => GenerationCheckpoint.Read(_folder.Path));
        File.WriteAllText(_folder["file"], "");
        Assert.Throws<OutputException>(() => GenerationCheckpoint.Open(_folder["file"]));
    }

    [Fact]
    public async Task One_process_at_a_time_and_leftovers_of_a_killed_one_are_removed()
    {
        await StopAfter(0);
        File.WriteAllText(State + ".0123.partial", "half");
        using (GenerationCheckpoint.Open(_folder.Path))
        {
            Assert.Equal(["lock", GenerationCheckpoint.FileName], _folder.Names);
            var error = Assert.Throws<OutputException>(() => GenerationCheckpoint.Open(_folder.Path));
            Assert.Contains("another process", error.Message, StringComparison.Ordinal);
        }
        GenerationCheckpoint.Open(_folder.Path).Dispose();
    }

    /// <summary>Samples from the checkpoint on and stops when so many steps are done.</summary>
    private async Task StopAfter(int steps, bool discard = false)
    {
        using var pipeline = VideoPipeline.Open(EmbeddedModel.Folder, new PipelineOptions { Threads = 1 + steps % 2 });
        using var checkpoint = GenerationCheckpoint.Open(_folder.Path, discard);
        using var source = new CancellationTokenSource();
        var stop = new Collector(report =>
        {
            if (report.Stage == GenerationStage.Denoising && report.Completed == steps) source.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pipeline.SampleAsync(Request, checkpoint, stop, source.Token));
        Assert.Equal(steps, GenerationCheckpoint.Read(_folder.Path).CompletedSteps);
    }

    private static void Says(string words, Action action) =>
        Assert.Contains(words, Assert.Throws<InvalidFileException>(action).Message, StringComparison.Ordinal);

    private static byte[] Pixels(GeneratedVideo video) => [.. video.Frames.SelectMany(frame => frame.Rgb)];
}
