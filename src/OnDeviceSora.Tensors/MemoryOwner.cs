namespace OnDeviceSora.Tensors;

/// <summary>What native memory is used for; the <see cref="MemoryLedger"/> keeps one account for each.</summary>
public enum MemoryOwner
{
    /// <summary>Values that a model computes and soon drops.</summary>
    Activations,

    /// <summary>Model parameters, packed or plain.</summary>
    Weights,

    /// <summary>Panels and tiles that an operation needs while it runs.</summary>
    Scratch,
}
