using OnDeviceSora.Tensors.Cpu;

namespace OnDeviceSora.Tensors.Tests.Cpu;

[Trait("Category", "Operations")]
public unsafe class WeightWideningTests
{
    /// <summary>All 65536 of them, from an odd address on, and in lengths around those of vectors.</summary>
    [Theory]
    [InlineData(DataType.BF16)]
    [InlineData(DataType.F16)]
    public void Every_half_is_widened_exactly(DataType type)
    {
        var stored = new ushort[1 << 16];
        for (var i = 0; i < stored.Length; i++) stored[i] = (ushort)i;
        var floats = new float[stored.Length];
        fixed (ushort* source = stored)
        fixed (float* target = floats)
        {
            WeightWidening.Run(type, (byte*)source, null, 1, floats.Length, target);
        }
        for (var i = 0; i < stored.Length; i++) CheckHalf(type, stored[i], floats[i]);
    }

    [Theory]
    [MemberData(nameof(EngineCase.Placements), MemberType = typeof(EngineCase))]
    public void Halves_of_any_number_are_widened_and_nothing_else_touched(Placement placement)
    {
        using var engine = EngineCase.Create(placement);
        foreach (var type in (DataType[])[DataType.BF16, DataType.F16])
        {
            foreach (var count in (int[])[0, 1, 7, 8, 15, 16, 17, 31, 32, 33, 63, 65, 200])
            {
                using var source = new NativeBuffer(engine.Memory, MemoryOwner.Scratch, count * 2);
                using var target = new NativeBuffer(engine.Memory, MemoryOwner.Scratch, count * 4);
                for (var i = 0; i < count; i++) ((ushort*)source.Pointer)[i] = (ushort)(0x3C00 + 977 * i);
                WeightWidening.Run(type, (byte*)source.Pointer, null, 1, count, (float*)target.Pointer);
                for (var i = 0; i < count; i++) CheckHalf(type, ((ushort*)source.Pointer)[i], ((float*)target.Pointer)[i]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(EngineCase.Placements), MemberType = typeof(EngineCase))]
    public void Bytes_are_widened_and_scaled_by_column(Placement placement)
    {
        using var engine = EngineCase.Create(placement);
        foreach (var tileColumns in (int[])[8, 16, 24, 32])
        {
            foreach (var depth in (int[])[0, 1, 2, 3, 256])
            {
                using var source = new NativeBuffer(engine.Memory, MemoryOwner.Scratch, depth * tileColumns);
                using var target = new NativeBuffer(engine.Memory, MemoryOwner.Scratch, depth * tileColumns * 4);
                using var scales = Numbers.Fill(engine, 3, tileColumns);
                for (var i = 0; i < source.Bytes; i++) source.Span[i] = (byte)(i / tileColumns + 31 * i);
                WeightWidening.Run(DataType.I8, (byte*)source.Pointer, scales.Pointer, depth, tileColumns, (float*)target.Pointer);
                for (var i = 0; i < source.Bytes; i++) Assert.Equal((sbyte)source.Span[i] * scales.Span[i % tileColumns], ((float*)target.Pointer)[i]);
            }
        }
    }

    private static void CheckHalf(DataType type, ushort stored, float actual)
    {
        var expected = type == DataType.BF16 ? BitConverter.UInt32BitsToSingle((uint)stored << 16) : (float)BitConverter.UInt16BitsToHalf(stored);
        if (float.IsNaN(expected)) Assert.True(float.IsNaN(actual), $"{type} {stored:X4} is {actual:R}, should be NaN");
        else Assert.True(BitConverter.SingleToUInt32Bits(expected) == BitConverter.SingleToUInt32Bits(actual), $"{type} {stored:X4} is {actual:R}, should be {expected:R}");
    }
}
