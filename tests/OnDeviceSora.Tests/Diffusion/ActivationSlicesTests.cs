using OnDeviceSora.Diffusion;
using OnDeviceSora.Tensors;
using OnDeviceSora.Tests.Goldens;
using OnDeviceSora.Tests.Goldens.Kinds;

namespace OnDeviceSora.Tests.Diffusion;

/// <summary>Slices change how much memory a block takes, and no bit of its result.</summary>
public sealed class ActivationSlicesTests
{
    public static TheoryData<string> Cases =>
        [.. GoldenFolder.Discover(Path.Combine(GoldenFolder.OfCheckout, "stdit3")).Where(found => found.Kind == "stdit3.forward").Select(found => found.File)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Any_slices_give_the_bits_of_the_whole(string file)
    {
        using var golden = GoldenCase.Open(Path.Combine(GoldenFolder.OfCheckout, "stdit3", file));
        var whole = STDiT3Goldens.Predict(golden, ActivationSlices.Whole);
        foreach (var slices in (ActivationSlices[])[new(2, 2, 2), new(3, 1, 1), new(1, 3, 1), new(1, 1, 3), new(7, 5, 9), new(1000, 1000, 1000)])
            Assert.True(whole.AsSpan().SequenceEqual(STDiT3Goldens.Predict(golden, slices)), $"{file} with {slices}");
        Assert.True(whole.AsSpan().SequenceEqual(STDiT3Goldens.Predict(golden, new(2, 3, 2), keepsText: false)), $"{file} with text in every step");
    }

    [Theory]
    [InlineData(2, 5, 6, 1)]
    [InlineData(2, 5, 6, 2)]
    [InlineData(2, 5, 6, 3)]
    [InlineData(1, 1, 7, 4)]
    [InlineData(3, 4, 1, 100)]
    public void Slices_cover_every_token_once(int batch, int frames, int patches, int slices)
    {
        var tokens = new Shape(batch, frames, patches, 8);
        foreach (var cut in (IEnumerable<TokenSlice>[])[
            TokenSlice.ByFrames(tokens, slices, pairs: false), TokenSlice.ByFrames(tokens, slices, pairs: true),
            TokenSlice.ByTokens(tokens, slices), TokenSlice.ByPatches(tokens, slices)])
        {
            var seen = cut.SelectMany(Tokens).ToList();
            Assert.Equal(batch * frames * patches, seen.Count);
            Assert.Equal(seen.Count, seen.Distinct().Count());
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(8)]
    public void Pairs_of_frames_stay_together(int frames)
    {
        foreach (var slice in TokenSlice.ByFrames(new Shape(1, frames, 3, 8), 100, pairs: true))
        {
            Assert.Equal(0, slice.Frame % 2);
            Assert.True(slice.Frames == 2 || (slice.Frames == 3 && slice.Frame + 3 == frames), $"{slice}");
        }
    }

    [Fact]
    public void A_copy_that_is_put_back_changes_its_slice_only()
    {
        using var engine = new ComputeEngine();
        using var tokens = engine.AllocateZeroed(2, 3, 4, 2);
        var slice = new TokenSlice(1, 1, 0, 3, 1, 2);
        using var copy = slice.Take(engine, tokens);
        copy.Span.Fill(1);
        slice.Return(copy, tokens);
        Assert.Equal(
            Enumerable.Range(0, 48).Select(i => i / 24 == 1 && i / 2 % 4 is 1 or 2 && i >= 24 ? 1f : 0f),
            tokens.Span.ToArray());
    }

    private static IEnumerable<(int Item, int Frame, int Patch)> Tokens(TokenSlice slice) =>
        from item in Enumerable.Range(slice.Item, slice.Items)
        from frame in Enumerable.Range(slice.Frame, slice.Frames)
        from patch in Enumerable.Range(slice.Patch, slice.Patches)
        select (item, frame, patch);
}
