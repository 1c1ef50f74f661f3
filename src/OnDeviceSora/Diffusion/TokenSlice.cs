using OnDeviceSora.Tensors;

namespace OnDeviceSora.Diffusion;

/// <summary>A box of video tokens: some batch items, or within one item some frames or patches.</summary>
/// <param name="Item">First batch item.</param>
/// <param name="Items">Batch items.</param>
/// <param name="Frame">First frame.</param>
/// <param name="Frames">Frames.</param>
/// <param name="Patch">First patch.</param>
/// <param name="Patches">Patches.</param>
internal readonly record struct TokenSlice(int Item, int Items, int Frame, int Frames, int Patch, int Patches)
{
    /// <summary>All of <c>[batch, frames, patches, width]</c>.</summary>
    public static TokenSlice Whole(Shape tokens) => new(0, tokens[0], 0, tokens[1], 0, tokens[2]);

    /// <summary>About <paramref name="slices"/> slices of whole frames.</summary>
    /// <param name="tokens">Shape <c>[batch, frames, patches, width]</c>.</param>
    /// <param name="slices">Slices wanted, 1 or less for the whole; fewer are made where frames are few.</param>
    /// <param name="pairs">Whether frames 2k and 2k + 1 must stay together, and an odd last frame with the pair before it.</param>
    public static IEnumerable<TokenSlice> ByFrames(Shape tokens, int slices, bool pairs)
    {
        if (slices <= 1) return [Whole(tokens)];
        var (frames, patches) = (tokens[1], tokens[2]);
        var step = pairs ? 2 : 1;
        var units = Math.Max(1, frames / step);
        return
            from item in Enumerable.Range(0, tokens[0])
            from part in Parts(units, PerItem(tokens, slices))
            let end = part.End == units ? frames : part.End * step
            select new TokenSlice(item, 1, part.Start * step, end - part.Start * step, 0, patches);
    }

    /// <summary>About <paramref name="slices"/> slices that lie in one piece: of whole frames or, when those are few, of patches of one frame.</summary>
    /// <param name="tokens">Shape <c>[batch, frames, patches, width]</c>.</param>
    /// <param name="slices">Slices wanted, 1 or less for the whole; fewer are made where tokens are few.</param>
    public static IEnumerable<TokenSlice> ByTokens(Shape tokens, int slices)
    {
        var (batch, frames, patches) = (tokens[0], tokens[1], tokens[2]);
        if (slices <= batch * frames) return ByFrames(tokens, slices, pairs: false);
        var perFrame = (slices + batch * frames - 1) / (batch * frames);
        return
            from item in Enumerable.Range(0, batch)
            from frame in Enumerable.Range(0, frames)
            from part in Parts(patches, perFrame)
            select new TokenSlice(item, 1, frame, 1, part.Start, part.End - part.Start);
    }

    /// <summary>About <paramref name="slices"/> slices of patches over all frames.</summary>
    /// <param name="tokens">Shape <c>[batch, frames, patches, width]</c>.</param>
    /// <param name="slices">Slices wanted, 1 or less for the whole; fewer are made where patches are few.</param>
    public static IEnumerable<TokenSlice> ByPatches(Shape tokens, int slices)
    {
        if (slices <= 1) return [Whole(tokens)];
        return
            from item in Enumerable.Range(0, tokens[0])
            from part in Parts(tokens[2], PerItem(tokens, slices))
            select new TokenSlice(item, 1, 0, tokens[1], part.Start, part.End - part.Start);
    }

    /// <summary>Most tokens that a slice of <see cref="ByFrames"/> has.</summary>
    public static long LargestByFrames(Shape tokens, int slices, bool pairs)
    {
        if (slices <= 1) return Whole(tokens).Count;
        var step = pairs ? 2 : 1;
        var units = Math.Max(1, tokens[1] / step);
        var inPart = LargestPart(units, PerItem(tokens, slices)) * step;
        return (long)Math.Min(tokens[1], inPart + (pairs ? tokens[1] % 2 : 0)) * tokens[2];
    }

    /// <summary>Most tokens that a slice of <see cref="ByTokens"/> has.</summary>
    public static long LargestByTokens(Shape tokens, int slices)
    {
        var frames = tokens[0] * tokens[1];
        return slices <= frames ? LargestByFrames(tokens, slices, pairs: false) : LargestPart(tokens[2], (slices + frames - 1) / frames);
    }

    /// <summary>Most tokens that a slice of <see cref="ByPatches"/> has.</summary>
    public static long LargestByPatches(Shape tokens, int slices) =>
        slices <= 1 ? Whole(tokens).Count : (long)tokens[1] * LargestPart(tokens[2], PerItem(tokens, slices));

    /// <summary>Tokens in the slice.</summary>
    public long Count => (long)Items * Frames * Patches;

    /// <summary>Whether the slice lies in one piece.</summary>
    public bool IsContiguous(Shape tokens) => Patches == tokens[2] && (Frames == tokens[1] || Items == 1) || Items == 1 && Frames == 1;

    /// <summary>The slice's tokens <c>[items, frames, patches, width]</c>: a view where they lie in one piece, else a copy to be given to <see cref="Return"/>.</summary>
    public Tensor Take(ComputeEngine engine, Tensor tokens)
    {
        var (frames, patches, width) = (tokens.Shape[1], tokens.Shape[2], tokens.Shape[3]);
        if (IsContiguous(tokens.Shape))
        {
            var rows = tokens.Reshape(tokens.Shape[0] * frames * patches, width);
            return rows.Slice((Item * frames + Frame) * patches + Patch, (int)Count).Reshape(Items, Frames, Patches, width);
        }
        var copy = engine.Allocate(Items, Frames, Patches, width);
        for (var line = 0; line < Items * Frames; line++) Line(copy, line).CopyFrom(Line(tokens, line));
        return copy;
    }

    /// <summary>Puts what <see cref="Take"/> gave back in its place, unless it is a view and never left it.</summary>
    public void Return(Tensor taken, Tensor tokens)
    {
        if (IsContiguous(tokens.Shape)) return;
        for (var line = 0; line < Items * Frames; line++) Line(tokens, line).CopyFrom(Line(taken, line));
    }

    /// <summary>A sublayer's modulation for this slice, which takes its tokens to be the first ones.</summary>
    /// <param name="whole">Modulation of all tokens.</param>
    /// <param name="tokens">Shape of all tokens.</param>
    public SublayerModulation Of(SublayerModulation whole, Shape tokens)
    {
        if (this == Whole(tokens)) return whole;
        var byFrame = whole.ShiftAndScale.RowsPerGroup == tokens[2];
        var (first, count, rows) = byFrame ? (Item * tokens[1] + Frame, Items * Frames, Patches) : (Item, Items, Frames * Patches);
        return new SublayerModulation(
            new Modulation(Groups(whole.ShiftAndScale.Shifts), Groups(whole.ShiftAndScale.Scales), rows), Groups(whole.Gate));

        Tensor Groups(Tensor part) => part.Reshape(part.Shape[-2], part.Shape[-1]).Slice(first, count);
    }

    /// <summary>The patches of one frame of the slice, in all tokens or in a copy of the slice.</summary>
    private Tensor Line(Tensor tensor, int line)
    {
        var (frames, patches, width) = (tensor.Shape[1], tensor.Shape[2], tensor.Shape[3]);
        var rows = tensor.Reshape(tensor.Shape[0] * frames * patches, width);
        if (patches == Patches && frames == Frames) return rows.Slice(line * Patches, Patches);
        return rows.Slice(((Item + line / Frames) * frames + Frame + line % Frames) * patches + Patch, Patches);
    }

    private static int PerItem(Shape tokens, int slices) => (slices + tokens[0] - 1) / tokens[0];

    private static int LargestPart(int count, int parts)
    {
        parts = Math.Clamp(parts, 1, count);
        return (count + parts - 1) / parts;
    }

    private static IEnumerable<(int Start, int End)> Parts(int count, int parts)
    {
        parts = Math.Clamp(parts, 1, count);
        for (var part = 0; part < parts; part++) yield return ((int)((long)count * part / parts), (int)((long)count * (part + 1) / parts));
    }
}
