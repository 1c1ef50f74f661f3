using OnDeviceSora.Checkpoints;
using OnDeviceSora.Diffusion;
using OnDeviceSora.Layers;
using OnDeviceSora.Streaming;
using OnDeviceSora.Tensors;
using OnDeviceSora.Tests.Pipeline;
using OnDeviceSora.Text;
using OnDeviceSora.Timeline;

namespace OnDeviceSora.Tests.Streaming;

/// <summary>The embedded model, streamed.</summary>
public sealed class ModelStreamingTests
{
    private static readonly Lazy<Task<GeneratedVideo>> AllResident = new(() => Generate(new PipelineOptions { Threads = 1, Streaming = StreamingMode.Resident }));

    [Theory]
    [InlineData(StreamingMode.Sequential)]
    [InlineData(StreamingMode.Concurrent)]
    [InlineData(StreamingMode.ConcurrentDynamic)]
    public async Task Every_mode_gives_the_same_bits(StreamingMode mode)
    {
        var expected = await AllResident.Value;
        var streamed = await Generate(new PipelineOptions { Threads = 2, Streaming = mode });
        Assert.Equal(expected.Latents.Values, streamed.Latents.Values);
        Assert.Equal(expected.Frames.Select(f => f.Rgb), streamed.Frames.Select(f => f.Rgb));
    }

    [Fact]
    public async Task A_slow_storage_gives_the_same_bits()
    {
        var expected = await AllResident.Value;
        var streamed = await Generate(new PipelineOptions { Threads = 1, Streaming = StreamingMode.Concurrent, StorageBytesPerSecond = 40_000_000 });
        Assert.Equal(expected.Latents.Values, streamed.Latents.Values);
    }

    [Fact]
    public async Task Every_part_of_every_model_runs_through_the_streamer()
    {
        var timeline = new BlockTimeline();
        await Generate(new PipelineOptions { Streaming = StreamingMode.Concurrent, Timeline = timeline });
        using var model = ModelFolder.Open(EmbeddedModel.Folder);
        var expected = ModelBlocks.T5(model.Config.TextEncoder).Concat(ModelBlocks.STDiT3(model.Config.Transformer))
            .Where(block => block.Name != ModelBlocks.Ends && block.Name != "embedding")
            .Concat(ModelBlocks.TemporalDecoder(model.Config.Vae.Temporal)).Concat(ModelBlocks.SpatialDecoder(model.Config.Vae.Spatial))
            .Select(block => block.Name);
        Assert.Equal(expected.ToHashSet(), timeline.Intervals.Where(i => i.Activity == BlockActivity.Compute).Select(i => i.Block).ToHashSet());
    }

    [Fact]
    public void A_file_that_shrinks_while_it_is_open_is_an_error_that_names_file_and_block()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "transformer.safetensors");
        File.Copy(Path.Combine(EmbeddedModel.Folder, "transformer.safetensors"), path);
        using var engine = new ComputeEngine();
        using var checkpoint = Checkpoint.Open(path);
        using var streamer = Stream(engine, checkpoint, "spatial_blocks.1");
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) file.SetLength(file.Length / 2);
        var error = Assert.Throws<InvalidFileException>(() => streamer.Pass(CancellationToken.None).First());
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains("block spatial_blocks.1", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text_encoder")]
    [InlineData("transformer")]
    public void A_model_whose_ends_cannot_be_read_leaves_nothing_behind(string name)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, name + ".safetensors");
        File.Copy(Path.Combine(EmbeddedModel.Folder, name + ".safetensors"), path);
        using var model = ModelFolder.Open(EmbeddedModel.Folder);
        using var engine = new ComputeEngine();
        using var checkpoint = Checkpoint.Open(path);
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) file.SetLength(4096);
        var error = Assert.Throws<InvalidFileException>(() =>
        {
            using IDisposable loaded = name == "transformer"
                ? STDiT3.Load(engine, checkpoint, model.Config.Transformer)
                : T5Encoder.Load(engine, checkpoint, model.Config.TextEncoder);
        });
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains("block ends", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, engine.Memory.CurrentBytes);
    }

    [Fact]
    public void A_storage_that_waits_for_weeks_can_be_cancelled()
    {
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        Assert.ThrowsAny<OperationCanceledException>(() => new StorageThrottle(1).Await(System.Diagnostics.Stopwatch.GetTimestamp(), 1L << 32, cancellation.Token));
    }

    [Fact]
    public void A_file_system_that_refuses_a_direct_read_is_read_through_the_cache()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "x");
        var bytes = new byte[20_000];
        new Random(5).NextBytes(bytes);
        File.WriteAllBytes(path, bytes);
        using var file = DirectFile.Open(path);
        // A position and a length that no direct read takes.
        var read = new byte[1001];
        Assert.Equal(1001, file.Read(read, 777));
        Assert.Equal(bytes[777..1778], read);
        var rest = new byte[9000];
        Assert.Equal(7_000, file.Read(rest, 13_000));
        Assert.Equal(bytes[13_000..], rest[..7_000]);
    }

    [Fact]
    public void A_file_that_was_replaced_while_it_is_open_is_refused()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "transformer.safetensors");
        var source = Path.Combine(EmbeddedModel.Folder, "transformer.safetensors");
        File.Copy(source, path);
        using var engine = new ComputeEngine();
        using var checkpoint = Checkpoint.Open(path);
        using var streamer = Stream(engine, checkpoint, "spatial_blocks.0");
        File.Copy(source, path + ".new");
        File.SetLastWriteTimeUtc(path + ".new", DateTime.UtcNow.AddHours(1));
        File.Move(path + ".new", path, overwrite: true);
        Assert.Throws<InvalidFileException>(() => streamer.Pass(CancellationToken.None).First());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(1 << 20)]
    [InlineData(WeightReader.WindowBytes)]
    [InlineData(WeightReader.WindowBytes + 5000)]
    public void What_is_read_past_the_page_cache_is_what_the_file_holds(int piece)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "x.safetensors");
        var bytes = new byte[2 * WeightReader.WindowBytes + 12345];
        new Random(5).NextBytes(bytes);
        new SafetensorsWriter().Add("first", ElementType.U8, [777], bytes.AsMemory(0, 777)).Add("x", ElementType.U8, [bytes.Length], bytes).Save(path);
        using var engine = new ComputeEngine();
        using var checkpoint = Checkpoint.Open(path);
        using var reader = new WeightReader(engine, checkpoint);
        var tensor = checkpoint.Find("x");
        reader.Begin("all", checkpoint.Tensors, CancellationToken.None);
        for (var offset = 0L; offset < bytes.Length && offset < 200L * piece; offset += piece)
        {
            var count = (int)Math.Min(piece, bytes.Length - offset);
            Assert.True(reader.Read(tensor, offset, count).SequenceEqual(bytes.AsSpan((int)offset, count)));
        }
        Assert.True(reader.Read(checkpoint.Find("first"), 7, 770).SequenceEqual(bytes.AsSpan(7, 770)));
        Assert.True(reader.Read(tensor, bytes.Length - 1, 1)[0] == bytes[^1]);
    }

    private static BlockStreamer<Linear> Stream(ComputeEngine engine, Checkpoint checkpoint, string block)
    {
        var width = (int)checkpoint.Find($"{block}.mlp.fc1.weight").Shape[1];
        return ModelStreamer.Create(engine, checkpoint, "transformer", [new ModelBlock(block, block + ".")],
            (loader, _) => loader.Within(block).Linear("mlp.fc1", width, 4 * width), StreamingSettings.AllResident);
    }

    private static async Task<GeneratedVideo> Generate(PipelineOptions options)
    {
        using var pipeline = VideoPipeline.Open(EmbeddedModel.Folder, options);
        return await pipeline.GenerateAsync(EmbeddedModel.Small);
    }
}
