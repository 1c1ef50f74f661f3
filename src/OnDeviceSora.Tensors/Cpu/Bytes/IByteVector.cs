namespace OnDeviceSora.Tensors.Cpu.Bytes;

/// <summary>One vector's part in a managed product of bytes, by what the CPU has: a column in each lane.</summary>
/// <typeparam name="TSum">Integers, one for each lane.</typeparam>
/// <typeparam name="TBytes">Four bytes for each lane, in the form that the products take.</typeparam>
internal unsafe interface IByteVector<TSum, TBytes>
    where TSum : struct
    where TBytes : struct
{
    /// <summary>Columns.</summary>
    static abstract int Lanes { get; }

    /// <summary>What <see cref="Row"/> takes off each unsigned byte: 0, or 128 where products of signed bytes alone exist.</summary>
    static abstract int RowOffset { get; }

    /// <summary>Sums of 0.</summary>
    static abstract TSum Zero { get; }

    /// <summary>One row's word in every lane.</summary>
    static abstract TBytes Row(byte* word);

    /// <summary>One word of each column.</summary>
    static abstract TBytes Weights(sbyte* words);

    /// <summary>Adds four products to each lane's sum, exactly.</summary>
    static abstract TSum Add(TSum sum, TBytes row, TBytes weights);

    /// <summary>Stores <c>(sum - zero * column sum) * column scale * row scale</c>.</summary>
    static abstract void Store(TSum sum, int zero, int* columnSums, float* columnScales, float rowScale, float* target);
}
