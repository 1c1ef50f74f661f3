using System.Runtime.InteropServices;
using OnDeviceSora.Bench.Synthesis;
using OnDeviceSora.Checkpoints;

namespace OnDeviceSora.Tests.Checkpoints.Packages;

public sealed class TensorEncoderTests
{
    private static readonly ExpectedTensor Weight = new("layer.weight", [3, 4]);

    [Fact]
    public void A_quantised_weight_is_within_half_a_scale_of_the_weight()
    {
        // More rows than one piece holds, so that pieces meet.
        var tensor = new ExpectedTensor("a.weight", [700, 300]);
        var source = new SyntheticWeights([tensor], seed: 3);
        var weights = new float[700 * 300];
        source.Read(tensor, 0, weights);
        var (bytes, encoded) = Encode(source, tensor, ElementType.I8);
        for (var i = 0; i < weights.Length; i++)
        {
            var scale = encoded.Scales[i / 300];
            Assert.InRange(Math.Abs(weights[i] - ((double)(sbyte)bytes[i] * scale)), 0, scale * 0.500001);
        }

        for (var row = 0; row < 700; row++)
            Assert.Equal(weights.Skip(row * 300).Take(300).Max(MathF.Abs) / 127, encoded.Scales[row]);
        var error = Math.Sqrt(weights.Select((w, i) => Math.Pow(w - ((sbyte)bytes[i] * encoded.Scales[i / 300]), 2)).Sum() / weights.Sum(w => (double)w * w));
        Assert.Equal(error, encoded.RelativeL2, 1e-5);
        Assert.InRange(error, 1e-3, 1e-2);
    }

    [Fact]
    public void A_row_of_zeros_has_scale_1_and_so_has_one_too_small_to_scale()
    {
        var (bytes, encoded) = Encode([0, 0, 0, 0, 1e-40f, -2e-38f, 0, 0, 1, 0.5f, -1, 0], Weight, ElementType.I8);
        Assert.Equal([1, 1, 1f / 127], encoded.Scales);
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 127, 64, -127, 0], MemoryMarshal.Cast<byte, sbyte>(bytes).ToArray());
    }

    [Fact]
    public void What_is_exact_in_a_precision_has_no_error()
    {
        float[] halves = [0.5f, -0.25f, 3, 0, 1, 2, -65504, 6.103515625e-5f, 5.9604645e-8f, 0, 0, 0];
        Assert.Equal(0, Encode(halves, Weight, ElementType.F16).Encoded.RelativeL2);
        Assert.Equal(halves, MemoryMarshal.Cast<byte, Half>(Encode(halves, Weight, ElementType.F16).Bytes).ToArray().Select(h => (float)h));
        Assert.Equal(halves, MemoryMarshal.Cast<byte, float>(Encode(halves, Weight, ElementType.F32).Bytes).ToArray());
        Assert.Equal(0, Encode(new float[12], Weight, ElementType.BF16).Encoded.RelativeL2);
    }

    [Theory]
    [InlineData(ElementType.F32, float.NaN, "'layer.weight' holds a value that is not a finite number")]
    [InlineData(ElementType.BF16, float.PositiveInfinity, "'layer.weight' holds a value that is not a finite number")]
    [InlineData(ElementType.I8, float.NegativeInfinity, "'layer.weight' holds a value that is not a finite number")]
    [InlineData(ElementType.I8, float.NaN, "'layer.weight' holds a value that is not a finite number")]
    [InlineData(ElementType.F16, 65505f, "'layer.weight' holds a value of magnitude 65505; fp16 reaches 65504 only: convert to bf16")]
    [InlineData(ElementType.F16, -1e9f, "convert to bf16")]
    [InlineData(ElementType.BF16, float.MaxValue, "convert to fp32")]
    public void What_a_precision_cannot_hold_is_refused_by_name(ElementType type, float value, string words)
    {
        foreach (var at in (int[])[0, 5, 11])
        {
            var weights = new float[12];
            weights[at] = value;
            var error = Assert.Throws<InvalidModelException>(() => Encode(weights, Weight, type));
            Assert.Contains(words, error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(ElementType.F32), InlineData(ElementType.BF16), InlineData(ElementType.F16), InlineData(ElementType.I8)]
    public void Memory_does_not_grow_with_the_tensor(ElementType type)
    {
        var tensor = new ExpectedTensor("a.weight", [5000, 2048]);
        var encoder = new TensorEncoder("test", new SyntheticWeights([tensor], seed: 1));
        var (written, before) = (0L, GC.GetAllocatedBytesForCurrentThread());
        encoder.Encode(tensor, type, bytes => written += bytes.Length, CancellationToken.None);
        Assert.Equal(5000L * 2048 * type.Bits() / 8, written);
        // The tensor has 41 MB; three buffers of 128 Ki elements and the scales are all there is.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_000_000);
    }

    private static (byte[] Bytes, EncodedTensor Encoded) Encode(float[] weights, ExpectedTensor tensor, ElementType type) => Encode(new Given(weights), tensor, type);

    private static (byte[] Bytes, EncodedTensor Encoded) Encode(ITensorSource source, ExpectedTensor tensor, ElementType type)
    {
        using var written = new MemoryStream();
        var encoded = new TensorEncoder("test", source).Encode(tensor, type, written.Write, CancellationToken.None);
        return (written.ToArray(), encoded);
    }

    private sealed class Given(float[] weights) : ITensorSource
    {
        public bool Contains(string name) => true;

        public void Read(ExpectedTensor tensor, long firstElement, Span<float> destination) =>
            weights.AsSpan((int)firstElement, destination.Length).CopyTo(destination);

        public void Dispose() { }
    }
}
