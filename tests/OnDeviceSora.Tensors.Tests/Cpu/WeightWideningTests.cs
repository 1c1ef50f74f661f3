using OnDeviceSora.Tensors.Cpu;

namespace OnDeviceSora.Tensors.Tests.Cpu;

[Trait("Category", "Operations")]
public unsafe class WeightWideningTests
{
    /// <summary>All 65536 of them, in the lower and in the upper half of a word.</summary>
    [Theory]
    [InlineData(DataType.BF16)]
    [InlineData(DataType.F16)]
    public void Every_half_is_widened_exactly(DataType type)
    {
        foreach (var tileColumns in (int[])[8, 16, 32])
        {
            var stored = new ushort[1 << 17];
            for (var i = 0; i < stored.Length; i++) stored[i] = (ushort)(i / 2 ^ (i % 2 * 0x8001));
            var floats = new float[stored.Length];
            fixed (ushort* source = stored)
            fixed (float* target = floats)
            {
                WeightWidening.Run(type, (byte*)source, null, stored.Length / tileColumns, tileColumns, target);
            }
            for (var i = 0; i < stored.Length; i++) CheckHalf(type, stored[i], floats[Place(i, 2, tileColumns)]);
        }
    }

    [Theory]
    [MemberData(nameof(EngineCase.Placements), MemberType = typeof(EngineCase))]
    public void Halves_of_any_depth_are_widened_and_nothing_else_touched(Placement placement)
    {
        using var engine = EngineCase.Create(placement);
        foreach (var type in (DataType[])[DataType.BF16, DataType.F16])
        {
            foreach (var (tileColumns, depth) in from columns in (int[])[8, 16, 24, 32] from depth in (int[])[0, 1, 2, 3, 4, 25] select (columns, depth))
            {
                var count = WeightWidening.Words(type, depth) * 2 * tileColumns;
                using var source = new NativeBuffer(engine.Memory, MemoryOwner.Scratch, count * 2);
                using var target = new NativeBuffer(engine.Memory, MemoryOwner.Scratch, count * 4);
                for (var i = 0; i < count; i++) ((ushort*)source.Pointer)[i] = (ushort)(0x3C00 + 977 * i);
                WeightWidening.Run(type, (byte*)source.Pointer, null, depth, tileColumns, (float*)target.Pointer);
                for (var i = 0; i < count; i++) CheckHalf(type, ((ushort*)source.Pointer)[i], ((float*)target.Pointer)[Place(i, 2, tileColumns)]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(EngineCase.Placements), MemberType = typeof(EngineCase))]
    public void Bytes_are_widened_and_scaled_by_column(Placement placement)
    {
        using var engine = EngineCase.Create(placement);
        foreach (var (tileColumns, depth) in from columns in (int[])[8, 16, 24, 32] from depth in (int[])[0, 1, 2, 3, 4, 5, 256] select (columns, depth))
        {
            var count = WeightWidening.Words(DataType.I8, depth) * 4 * tileColumns;
            using var source = new NativeBuffer(engine.Memory, MemoryOwner.Scratch, count);
            using var target = new NativeBuffer(engine.Memory, MemoryOwner.Scratch, count * 4);
            using var scales = Numbers.Fill(engine, 3, tileColumns);
            for (var i = 0; i < count; i++) source.Span[i] = (byte)(i / tileColumns + 31 * i);
            WeightWidening.Run(DataType.I8, (byte*)source.Pointer, scales.Pointer, depth, tileColumns, (float*)target.Pointer);
            for (var i = 0; i < count; i++)
            {
                var place = Place(i, 4, tileColumns);
                Assert.Equal((sbyte)source.Span[i] * scales.Span[place % tileColumns], ((float*)target.Pointer)[place]);
            }
        }
    }

    /// <summary>Where the i-th stored weight, <c>[word][column][within the word]</c>, belongs in <c>[depth][column]</c>.</summary>
    private static int Place(int i, int perWord, int tileColumns)
    {
        var (word, within) = (i / perWord, i % perWord);
        return (word / tileColumns * perWord + within) * tileColumns + word % tileColumns;
    }

    private static void CheckHalf(DataType type, ushort stored, float actual)
    {
        var expected = type == DataType.BF16 ? BitConverter.UInt32BitsToSingle((uint)stored << 16) : (float)BitConverter.UInt16BitsToHalf(stored);
        if (float.IsNaN(expected)) Assert.True(float.IsNaN(actual), $"{type} {stored:X4} is {actual:R}, should be NaN");
        else Assert.True(BitConverter.SingleToUInt32Bits(expected) == BitConverter.SingleToUInt32Bits(actual), $"{type} {stored:X4} is {actual:R}, should be {expected:R}");
    }
}
