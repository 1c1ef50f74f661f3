using System.Buffers.Binary;
using System.Text;
using OnDeviceSora.Acceleration;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Tests.Checkpoints;

public sealed class LatentsFileTests : IDisposable
{
    private static readonly VideoRequest Request = new() { Prompt = "a \"red\" circle\nover the sea \ud83c\udf0a", Width = 64, Leap = LeapSettings.At(15) };
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Latents_come_back_bit_for_bit_with_their_request()
    {
        var values = new float[4 * 3 * 2 * 5];
        for (var i = 0; i < values.Length; i++) values[i] = MathF.Sin(i) * MathF.Pow(10, (i % 60) - 40);
        LatentsFile.Save(_folder.File("l.safetensors"), new VideoLatents(values, 4, 3, 2, 5, Request));
        var loaded = LatentsFile.Load(_folder.File("l.safetensors"));
        Assert.Equal(values.Select(BitConverter.SingleToUInt32Bits), loaded.Values.Select(BitConverter.SingleToUInt32Bits));
        Assert.Equal((4, 3, 2, 5), (loaded.Channels, loaded.LatentFrames, loaded.LatentHeight, loaded.LatentWidth));
        Assert.Equal(Request, loaded.Request);
        Assert.Equal([_folder.File("l.safetensors")], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void How_they_were_sampled_comes_back_and_may_be_unknown()
    {
        var path = _folder.File("l.safetensors");
        var sampling = new SamplingSummary(3, 2, [0.1f, float.NaN], new Dictionary<GenerationStage, TimeSpan>());
        LatentsFile.Save(path, new VideoLatents([1], 1, 1, 1, 1, Request) { Sampling = sampling, DecodeTile = 16, Model = "m@11" });
        var loaded = LatentsFile.Load(path);
        Assert.Equal((3, 2, 16), (loaded.Sampling!.ExecutedSteps, loaded.Sampling.LeapStep, loaded.DecodeTile));
        Assert.Equal("m@11", loaded.Model);
        Assert.Equal([0.1f, float.NaN], loaded.Sampling.Similarities);

        LatentsFile.Save(path, new VideoLatents([1], 1, 1, 1, 1, Request));
        Assert.Equal((null, null), (LatentsFile.Load(path).Sampling, LatentsFile.Load(path).DecodeTile));
    }

    [Fact]
    public void What_is_said_about_the_sampling_must_make_sense()
    {
        Writer().AddMetadata("executedSteps", "0").Add("latents", [1, 1, 1, 1], new float[1]).Save(_folder.File("w.safetensors"));
        Refuses("'executedSteps' is '0'");
        Writer().AddMetadata("executedSteps", "2").Add("latents", [1, 1, 1, 1], new float[1]).Add("similarities", [2], new float[2]).Save(_folder.File("w.safetensors"));
        Refuses("at most 1 for 2 steps");
        Writer().AddMetadata("decodeTile", "many").Add("latents", [1, 1, 1, 1], new float[1]).Save(_folder.File("w.safetensors"));
        Refuses("'decodeTile' is 'many'");
    }

    [Fact]
    public void An_older_file_is_replaced_and_a_failure_leaves_it_alone()
    {
        var path = _folder.File("l.safetensors");
        LatentsFile.Save(path, new VideoLatents([1], 1, 1, 1, 1, Request));
        LatentsFile.Save(path, new VideoLatents([2], 1, 1, 1, 1, Request));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
            new SafetensorsWriter().Add("x", [1], new float[] { 3 }).Save(path, cancelled.Token));
        Assert.Equal([2f], LatentsFile.Load(path).Values);
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_an_output_error()
    {
        var path = Path.Combine(_folder.File("no-such-folder"), "l.safetensors");
        var error = Assert.Throws<OutputException>(() => LatentsFile.Save(path, new VideoLatents([1], 1, 1, 1, 1, Request)));
        Assert.Contains("cannot be written", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_safetensors_files_are_not_latents()
    {
        new SafetensorsWriter().Add("latents", [1, 1, 1, 1], new float[1]).Save(_folder.File("w.safetensors"));
        Refuses("not of saved latents");
    }

    [Theory]
    [InlineData("[1,4]")]
    [InlineData("[4,1,1]")]
    [InlineData("[0,1,1,4]")]
    [InlineData("[1,1,1,1,4]")]
    public void A_wrong_shape_is_refused(string shape)
    {
        var dimensions = shape.Trim('[', ']').Split(',').Select(long.Parse).ToArray();
        var elements = (int)dimensions.Aggregate(1L, (a, b) => a * b);
        Writer().Add("latents", dimensions, new float[elements]).Save(_folder.File("w.safetensors"));
        Refuses("it must be [channels, frames, height, width]");
    }

    [Fact]
    public void An_absurd_size_is_refused_before_memory_is_taken()
    {
        // A sparse file: 2 GiB of nothing.
        const long bytes = 2L << 30;
        var header = Encoding.UTF8.GetBytes(
            "{\"__metadata__\":{\"format\":\"on-device-sora latents 1\",\"request\":\"{}\"},"
            + SafetensorsBytes.Tensor("latents", "F32", "[4,128,1024,1024]", 0, bytes) + "}");
        using (var file = new FileStream(_folder.File("w.safetensors"), FileMode.Create))
        {
            var prefix = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
            file.Write(prefix);
            file.Write(header);
            file.SetLength(8 + header.Length + bytes);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        Refuses("536870912 elements; at most 268435456");
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 10_000_000);
    }

    [Fact]
    public void What_is_missing_or_spoilt_is_named()
    {
        new SafetensorsWriter().AddMetadata("format", "on-device-sora latents 1").Add("latents", [1, 1, 1, 1], new float[1]).Save(_folder.File("w.safetensors"));
        Refuses("no 'request'");
        Writer().Add("other", [1, 1, 1, 1], new float[1]).Save(_folder.File("w.safetensors"));
        Refuses("no tensor 'latents'");
        Writer().Add("latents", ElementType.F64, [1, 1, 1, 1], new byte[8]).Save(_folder.File("w.safetensors"));
        Refuses("F64; they must be F32");
        Writer().Add("latents", [1, 1, 1, 2], new[] { 0, float.NaN }).Save(_folder.File("w.safetensors"));
        Refuses("latent 1 is NaN");
    }

    [Fact]
    public void The_writer_checks_what_it_is_given()
    {
        var writer = new SafetensorsWriter().Add("a", [2], new float[2]);
        Assert.Throws<ArgumentException>(() => writer.Add("a", [2], new float[2]));
        Assert.Throws<ArgumentException>(() => writer.Add("b", [3], new float[2]));
        Assert.Throws<ArgumentException>(() => writer.Add("__metadata__", [2], new float[2]));
    }

    private static SafetensorsWriter Writer() => new SafetensorsWriter()
        .AddMetadata("format", "on-device-sora latents 1").AddMetadata("request", VideoRequestJson.Serialize(Request));

    private void Refuses(string message) => Assert.Contains(message,
        Assert.Throws<InvalidFileException>(() => LatentsFile.Load(_folder.File("w.safetensors"))).Message, StringComparison.Ordinal);
}
