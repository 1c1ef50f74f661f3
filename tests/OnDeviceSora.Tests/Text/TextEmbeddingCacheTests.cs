using OnDeviceSora.Checkpoints;
using OnDeviceSora.Tensors;
using OnDeviceSora.Tests.Pipeline;
using OnDeviceSora.Text;

namespace OnDeviceSora.Tests.Text;

public sealed class TextEmbeddingCacheTests : IDisposable
{
    private static readonly int[] Ids = [5, 9, 1];
    private static readonly float[] Values = [1, -2.5f, 3e-30f, 4, 5, 6];
    private readonly TemporaryFolder _folder = new();
    private readonly ModelFolder _model = ModelFolder.Open(EmbeddedModel.Folder);

    private string Folder => _folder["cache"];

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_prompt_used_again_does_not_touch_the_text_encoder_and_gives_the_same_bits()
    {
        var model = _folder["model"];
        Directory.CreateDirectory(model);
        foreach (var file in Directory.EnumerateFiles(EmbeddedModel.Folder)) File.Copy(file, Path.Combine(model, Path.GetFileName(file)));
        using var pipeline = VideoPipeline.Open(model, new PipelineOptions { TextEmbeddingCache = Folder });
        using var plain = VideoPipeline.Open(EmbeddedModel.Folder);
        var request = EmbeddedModel.Small with { Steps = 1, Frames = 1 };
        var first = await pipeline.SampleAsync(request);
        Assert.Single(Directory.GetFiles(Folder));

        var weights = Path.Combine(model, "text_encoder.safetensors");
        var length = new FileInfo(weights).Length;
        File.WriteAllBytes(weights, new byte[length]);
        var encoded = 0;
        var again = await pipeline.SampleAsync(request with { Seed = 43 }, new Collector(report => encoded = report.Stage == GenerationStage.TextEncoding ? report.Completed : encoded));
        Assert.Equal(2, encoded);
        Assert.Equal((await plain.SampleAsync(request with { Seed = 43 })).Values, again.Values);
        Assert.Equal((await plain.SampleAsync(request)).Values, first.Values);

        // Another prompt needs the weights, and they are spoilt.
        await Assert.ThrowsAsync<InvalidFileException>(() => pipeline.SampleAsync(request with { Prompt = "a green star" }));
    }

    [Fact]
    public void What_is_stored_is_found_bit_for_bit_by_any_cache_of_the_same_model_and_by_no_other()
    {
        Open().Store(Ids, Values);
        Assert.Equal(Values, Open().Find(Ids, 2));
        Assert.Null(Open().Find([5, 9, 2], 2));
        Assert.Null(Open().Find([5, 9], 3));
        Assert.Null(Open().Find(Ids, 3));
        Assert.Null(new TextEmbeddingCache(Folder, _model, OtherWidth).Find(Ids, 2));
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("spiece.model")]
    [InlineData("text_encoder.safetensors")]
    [InlineData("manifest.json")]
    public void A_model_that_differs_in_any_part_that_counts_has_entries_of_its_own(string part)
    {
        var folder = _folder["model"];
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles(EmbeddedModel.Folder)) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        Open().Store(Ids, Values);
        using (var copy = ModelFolder.Open(folder)) Assert.Equal(Values, new TextEmbeddingCache(Folder, copy, CpuWidth).Find(Ids, 2));

        var path = Path.Combine(folder, part);
        var bytes = File.Exists(path) ? File.ReadAllBytes(path) : [];
        if (part.EndsWith(".safetensors", StringComparison.Ordinal)) bytes[bytes.Length / 2] ^= 1; // in one of the pieces that are looked at
        else bytes = [.. bytes, (byte)' '];
        File.WriteAllBytes(path, bytes);
        using var other = ModelFolder.Open(folder);
        Assert.Null(new TextEmbeddingCache(Folder, other, CpuWidth).Find(Ids, 2));
    }

    [Fact]
    public void A_damaged_entry_is_missed_and_replaced()
    {
        var cache = Open();
        cache.Store(Ids, Values);
        var path = Directory.GetFiles(Folder).Single();
        var sound = File.ReadAllBytes(path);
        for (var i = sound.Length - Values.Length * 4; i < sound.Length; i++)
        {
            var damaged = sound.ToArray();
            damaged[i] ^= 4;
            File.WriteAllBytes(path, damaged);
            Assert.Null(cache.Find(Ids, 2));
        }
        foreach (var length in (int[])[0, 7, sound.Length / 2, sound.Length - 1])
        {
            File.WriteAllBytes(path, sound[..length]);
            Assert.Null(cache.Find(Ids, 2));
        }
        cache.Store(Ids, Values);
        Assert.Equal(Values, cache.Find(Ids, 2));
    }

    [Fact]
    public void What_was_unused_for_longest_goes_when_the_room_is_used_up()
    {
        Open().Store([1, 1], new float[512]);
        var entry = new FileInfo(Directory.GetFiles(Folder).Single()).Length;
        var cache = Open(3 * entry);
        foreach (var id in (int[])[2, 3]) cache.Store([id, id], new float[512]);
        // Their times are set apart, because a file system may count in coarse steps.
        foreach (var (file, i) in Directory.GetFiles(Folder).Select((file, i) => (file, i))) File.SetLastAccessTimeUtc(file, DateTime.UtcNow.AddMinutes(-10 - i));
        Assert.NotNull(cache.Find([1, 1], 256));
        Assert.NotNull(cache.Find([3, 3], 256));
        cache.Store([4, 4], new float[512]);

        Assert.Null(cache.Find([2, 2], 256));
        foreach (var id in (int[])[1, 3, 4]) Assert.NotNull(cache.Find([id, id], 256));
        cache.Store([5, 5], new float[2048]);
        Assert.Equal(3, Directory.GetFiles(Folder).Length);
    }

    [Fact]
    public void Only_old_leftovers_of_killed_processes_are_removed()
    {
        Directory.CreateDirectory(Folder);
        foreach (var name in (string[])["old.safetensors.1.partial", "new.safetensors.2.partial"]) File.WriteAllText(Path.Combine(Folder, name), "x");
        File.SetLastWriteTimeUtc(Path.Combine(Folder, "old.safetensors.1.partial"), DateTime.UtcNow.AddHours(-2));
        Open().Store(Ids, Values);
        Assert.Equal(["new.safetensors.2.partial"], Directory.GetFiles(Folder, "*.partial").Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_used_is_no_error()
    {
        foreach (var folder in (string[])[_folder.Write("file", "x"), Path.Combine(_folder.Write("file2", "x"), "below"), "/proc/no/such", "a\0b"])
        {
            using var pipeline = VideoPipeline.Open(EmbeddedModel.Folder, new PipelineOptions { TextEmbeddingCache = folder });
            Assert.Single((await pipeline.GenerateAsync(EmbeddedModel.Small with { Steps = 1, Frames = 1 })).Frames);
        }
    }

    [Fact]
    public void Many_at_once_never_see_half_an_entry() => Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
    {
        var cache = Open(i % 3 == 0 ? 2000 : TextEmbeddingCache.DefaultMaximumBytes);
        if (i % 2 == 0) cache.Store([i % 5], Values);
        Assert.True(cache.Find([i % 5], 6) is not { } found || found.SequenceEqual(Values));
    });

    private static VectorWidth CpuWidth { get; } = WidthOfThisCpu();

    private static VectorWidth OtherWidth => Enum.GetValues<VectorWidth>().First(width => width != CpuWidth);

    private static VectorWidth WidthOfThisCpu()
    {
        using var engine = new ComputeEngine();
        return engine.VectorWidth;
    }

    private TextEmbeddingCache Open(long maximumBytes = TextEmbeddingCache.DefaultMaximumBytes) => new(Folder, _model, CpuWidth, maximumBytes);
}
