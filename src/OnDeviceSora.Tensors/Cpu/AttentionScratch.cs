namespace OnDeviceSora.Tensors.Cpu;

/// <summary>The parts of one thread's scratch memory in attention to so many keys. Rows of panels of queries come first: those are aligned to vectors.</summary>
internal readonly unsafe struct AttentionScratch
{
    /// <summary>Lays the parts out from <paramref name="start"/>; with <c>null</c>, only their total counts.</summary>
    public AttentionScratch(float* start, MicroKernel kernel, int keys, int headSize)
    {
        var (rows, columns) = (kernel.Rows, kernel.Columns);
        KeyPanels = Panels(keys, rows);
        ValuePanels = Panels(headSize, rows);
        Queries = start;
        Scores = Queries + (nint)headSize * columns;
        Results = Scores + (nint)AttentionTile.KeyBlock(kernel, keys) * columns;
        Maxima = Results + (nint)ValuePanels * rows * columns;
        Sums = Maxima + columns;
        Factors = Sums + columns;
        Rows = Factors + columns;
        Keys = Rows + (nint)Math.Max(rows, columns) * headSize;
        Values = Keys + (nint)KeyPanels * rows * headSize;
        Floats = Values + (nint)ValuePanels * rows * keys - start;
    }

    /// <summary>Panels of the keys.</summary>
    public int KeyPanels { get; }

    /// <summary>Panels of the channels of values.</summary>
    public int ValuePanels { get; }

    /// <summary>Floats in all.</summary>
    public long Floats { get; }

    /// <summary>A panel of queries, <c>[head size][columns]</c>.</summary>
    public float* Queries { get; }

    /// <summary>Scores, then weights of a block of keys, <c>[keys][columns]</c>.</summary>
    public float* Scores { get; }

    /// <summary>Weighted sums of values, <c>[head size][columns]</c>.</summary>
    public float* Results { get; }

    /// <summary>Largest score of each query so far.</summary>
    public float* Maxima { get; }

    /// <summary>Sum of the weights of each query so far.</summary>
    public float* Sums { get; }

    /// <summary>A factor for each query.</summary>
    public float* Factors { get; }

    /// <summary>Heads on their way into a panel, <c>[tokens][head size]</c>.</summary>
    public float* Rows { get; }

    /// <summary>Keys as panels <c>[panel][head size][rows]</c>.</summary>
    public float* Keys { get; }

    /// <summary>Values as panels <c>[panel][keys][rows]</c>.</summary>
    public float* Values { get; }

    private static int Panels(int count, int width) => (count + width - 1) / width;
}
