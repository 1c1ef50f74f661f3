namespace OnDeviceSora.Tensors;

/// <summary>Which code the innermost loops of products run.</summary>
public enum KernelCode
{
    /// <summary>Machine code made for this CPU where it has the instructions and the system allows executable memory; managed code elsewhere.</summary>
    Emitted,

    /// <summary>Managed code alone. Products of 8-bit integers and of floats have the same bits; those of bfloat16 are computed in single precision.</summary>
    Managed,
}
