using OnDeviceSora.Tensors;
using OnDeviceSora.Tests.Goldens;
using OnDeviceSora.Text;

namespace OnDeviceSora.Tests.Text;

public sealed class T5EncoderTests : IDisposable
{
    private const int Width = 64;
    private static readonly int[] Ids = [17, 5, 99, 42, 1];
    private readonly ComputeEngine _engine = new();
    private readonly T5Encoder _encoder;

    public T5EncoderTests() => _encoder = TinyModels.TextEncoder(_engine);

    public void Dispose()
    {
        _encoder.Dispose();
        _engine.Dispose();
    }

    [Fact]
    public void Leaving_out_the_padding_does_not_change_the_real_tokens()
    {
        using var alone = Encode(Ids, [5]);
        using var padded = Encode([.. Ids, 0, 0, 0, 0, 0, 0], [5]);
        AssertClose(alone.Span, padded.Span[..(5 * Width)]);
    }

    [Fact]
    public void Items_of_a_batch_do_not_see_each_other()
    {
        using var alone = Encode(Ids, [5]);
        using var batch = Encode([9, 8, 7, 1, 0, .. Ids], [4, 5]);
        AssertClose(alone.Span, batch.Span[(5 * Width)..]);
    }

    [Fact]
    public void A_masked_token_in_the_middle_is_not_attended_to()
    {
        bool[] hole = [true, false, true, true, true];
        using var one = _encoder.Encode(Ids, [hole], null, CancellationToken.None);
        using var other = _encoder.Encode([17, 88, 99, 42, 1], [hole], null, CancellationToken.None);
        using var seen = Encode(Ids, [5]);
        AssertClose(one.Span[(2 * Width)..], other.Span[(2 * Width)..]);
        Assert.NotEqual(one.Span[(2 * Width)..].ToArray(), seen.Span[(2 * Width)..].ToArray());
    }

    [Fact]
    public void The_order_of_tokens_counts()
    {
        using var forward = Encode([17, 5, 1], [3]);
        using var swapped = Encode([5, 17, 1], [3]);
        Assert.NotEqual(forward.Span[(2 * Width)..].ToArray(), swapped.Span[(2 * Width)..].ToArray());
    }

    [Fact]
    public void The_result_does_not_depend_on_the_number_of_threads()
    {
        using var engine = new ComputeEngine(threads: 3);
        using var encoder = TinyModels.TextEncoder(engine);
        using var one = Encode(Ids, [5]);
        using var three = encoder.Encode(Ids, [5], null, CancellationToken.None);
        Assert.Equal(one.Span.ToArray(), three.Span.ToArray());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(128)]
    public void Ids_outside_the_vocabulary_are_refused_and_leave_nothing_behind(int id)
    {
        var before = _engine.Memory.BytesOf(MemoryOwner.Activations);
        Assert.Throws<ArgumentOutOfRangeException>(() => Encode([17, id], [2]));
        Assert.Equal(before, _engine.Memory.BytesOf(MemoryOwner.Activations));
    }

    [Fact]
    public void Progress_counts_the_blocks()
    {
        var reports = new List<int>();
        using var states = _encoder.Encode(Ids, [5], reports.Add, CancellationToken.None);
        Assert.Equal(Enumerable.Range(1, _encoder.Depth), reports);
    }

    [Fact]
    public void Cancelling_stops_before_the_next_block_and_leaves_nothing_behind()
    {
        using var source = new CancellationTokenSource();
        var before = _engine.Memory.BytesOf(MemoryOwner.Activations);
        var done = 0;
        Assert.Throws<OperationCanceledException>(() => _encoder.Encode(Ids, [5], blocks =>
        {
            done = blocks;
            source.Cancel();
        }, source.Token));
        Assert.Equal(1, done);
        Assert.Equal(before, _engine.Memory.BytesOf(MemoryOwner.Activations));
    }

    [Fact]
    public void Disposing_frees_every_weight()
    {
        using var engine = new ComputeEngine();
        TinyModels.TextEncoder(engine).Dispose();
        Assert.Equal(0, engine.Memory.BytesOf(MemoryOwner.Weights));
    }

    private Tensor Encode(int[] ids, int[] lengths) => _encoder.Encode(ids, lengths, null, CancellationToken.None);

    private static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual) => new Tolerance(1e-5, 1e-5).Compare("states", expected, actual);
}
