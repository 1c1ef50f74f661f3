namespace OnDeviceSora.Tensors;

/// <summary>Width of the vectors that the matrix micro-kernels use.</summary>
public enum VectorWidth
{
    /// <summary>128 bits: NEON, SSE, and every other machine.</summary>
    Bits128 = 128,

    /// <summary>256 bits: AVX2 with FMA.</summary>
    Bits256 = 256,

    /// <summary>512 bits: AVX-512.</summary>
    Bits512 = 512,
}
