namespace OnDeviceSora.Tensors.Cpu;

/// <summary>A vector of floats of one width, so that a loop over vectors is written once for every micro-kernel.</summary>
/// <typeparam name="TSelf">The type itself.</typeparam>
internal unsafe interface ILanes<TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    /// <summary>Floats in a vector.</summary>
    static abstract int Count { get; }

    static abstract TSelf Create(float value);

    static abstract TSelf Load(float* source);

    void Store(float* target);

    static abstract TSelf operator +(TSelf a, TSelf b);

    static abstract TSelf operator -(TSelf a, TSelf b);

    static abstract TSelf operator *(TSelf a, TSelf b);

    /// <summary><c>a * b + c</c>, fused where the CPU can.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>The larger of each two; <paramref name="b"/> where the CPU's own instruction finds a NaN and says so.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>Each lane's bits moved up by <paramref name="bits"/> places.</summary>
    static abstract TSelf ShiftLeft(TSelf a, int bits);
}
