namespace OnDeviceSora.Streaming;

/// <summary>How a model's blocks come into memory. Every mode gives the same bits; the paper's section 6 compares them.</summary>
public enum StreamingMode
{
    /// <summary>Concurrent Inference with Dynamic Loading: as many leading blocks stay as the budget has room for (paper 6.2).</summary>
    ConcurrentDynamic,

    /// <summary>Concurrent Inference: block k + 1 is loaded while block k computes; none stays (paper 6.1).</summary>
    Concurrent,

    /// <summary>Each block is loaded, run and let go in turn.</summary>
    Sequential,

    /// <summary>Every block stays from its first use on.</summary>
    Resident,
}
