namespace OnDeviceSora.Tensors.Cpu.Emitted;

/// <summary>What the words of a micro-kernel's panels hold, and so by which instruction they are multiplied.</summary>
internal enum TileProduct
{
    /// <summary>A float; fused multiply-add (AVX-512F).</summary>
    Single,

    /// <summary>Two bfloat16, whose products are added to a float (AVX512-BF16).</summary>
    Bfloat16Pair,

    /// <summary>Four bytes, unsigned in the rows and signed in the weights, whose products are added to an integer (AVX512-VNNI).</summary>
    ByteQuad,
}
