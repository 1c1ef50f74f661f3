namespace OnDeviceSora.Tensors.Cpu;

/// <summary>
/// The parts of one thread's scratch memory in attention to so many keys. What has a row of lanes for the queries comes
/// first, and so is aligned to vectors. Keys, values and queries are those of a few heads at a time, if sequences are short.
/// </summary>
internal readonly unsafe struct AttentionScratch
{
    /// <summary>Floats of keys, values and queries that are to stay in the second-level cache.</summary>
    private const int PackedFloats = 1 << 17;

    /// <summary>About as many keys as have scores in the first-level cache.</summary>
    private const int KeysAtOnce = 256;

    /// <summary>Lays the parts out from <paramref name="start"/>; with <c>null</c>, only their total counts, which never falls with more keys.</summary>
    public AttentionScratch(float* start, MicroKernel kernel, int keys, int heads, int headSize)
    {
        var (rows, columns) = (kernel.Rows, kernel.Columns);
        var panels = Panels(keys, rows);
        var most = Panels(KeysAtOnce, rows);
        var blocks = Math.Max(1, Panels(panels, most));
        KeyBlock = Panels(panels, blocks) * rows;
        ValuePanels = Panels(headSize, rows);
        QueryFloats = (nint)headSize * columns;
        KeyFloats = (nint)panels * rows * headSize;
        ValueFloats = (nint)ValuePanels * rows * keys;
        var head = Math.Max(1, QueryFloats + KeyFloats + ValueFloats);
        Heads = (int)Math.Clamp(PackedFloats / head, 1, Math.Max(1, heads));

        Scores = start;
        Results = Scores + (nint)Math.Min(panels, most) * rows * columns;
        Maxima = Results + (nint)ValuePanels * rows * columns;
        Sums = Maxima + columns;
        Factors = Sums + columns;
        Queries = Factors + columns;
        Rows = Queries + Heads * QueryFloats;
        Keys = Rows + (nint)Math.Max(rows, columns) * headSize;
        Values = Keys + Heads * KeyFloats;
        Floats = Values - Heads * (QueryFloats + KeyFloats) - start + Math.Max(head, Math.Min(PackedFloats, heads * head));
    }

    /// <summary>Keys in a block, in whole panels: blocks are as equal as those allow.</summary>
    public int KeyBlock { get; }

    /// <summary>Panels of the channels of values.</summary>
    public int ValuePanels { get; }

    /// <summary>Heads that are packed at a time.</summary>
    public int Heads { get; }

    /// <summary>Floats of one head's queries.</summary>
    public nint QueryFloats { get; }

    /// <summary>Floats of one head's keys.</summary>
    public nint KeyFloats { get; }

    /// <summary>Floats of one head's values.</summary>
    public nint ValueFloats { get; }

    /// <summary>Floats in all.</summary>
    public long Floats { get; }

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

    /// <summary>A panel of queries, <c>[heads][head size][columns]</c>.</summary>
    public float* Queries { get; }

    /// <summary>Heads on their way into a panel, <c>[tokens][head size]</c>.</summary>
    public float* Rows { get; }

    /// <summary>Keys as panels <c>[heads][panel][head size][rows]</c>.</summary>
    public float* Keys { get; }

    /// <summary>Values as panels <c>[heads][panel][keys][rows]</c>.</summary>
    public float* Values { get; }

    private static int Panels(int count, int width) => (count + width - 1) / width;
}
