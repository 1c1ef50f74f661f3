namespace OnDeviceSora.Checkpoints;

/// <summary>A tensor's place in a package.</summary>
/// <param name="Entry">What is stored.</param>
/// <param name="Offset">Its first byte, from the start of the file.</param>
/// <param name="Source">The model's tensor that it holds, or whose scales; <c>null</c> for a filler.</param>
internal sealed record PlacedTensor(TensorEntry Entry, long Offset, ExpectedTensor? Source);

/// <summary>A block's place in a package: one contiguous range.</summary>
/// <param name="Name">The block.</param>
/// <param name="Offset">Its first byte, a multiple of <see cref="PackageLayout.Alignment"/>.</param>
/// <param name="Size">Its bytes, without the filler that follows.</param>
/// <param name="Tensors">Its tensors in the order of their data, fillers between them included.</param>
internal sealed record PlacedBlock(string Name, long Offset, long Size, IReadOnlyList<PlacedTensor> Tensors);

/// <summary>
/// Where everything lies in one file of a device package: tensors block by block in execution order, each block at a page's
/// start, the file a whole number of pages, so that a block can be read past the page cache.
/// </summary>
internal sealed class PackageLayout
{
    /// <summary>What blocks, and the file's length, are multiples of, in bytes.</summary>
    public const int Alignment = 4096;

    private static readonly Dictionary<string, string> Metadata = new() { ["format"] = "pt" };

    private PackageLayout(byte[] header, IReadOnlyList<PlacedBlock> blocks, IReadOnlyList<PlacedTensor> tensors, long fileBytes) =>
        (Header, Blocks, Tensors, FileBytes) = (header, blocks, tensors, fileBytes);

    /// <summary>The file's first bytes, up to the first block.</summary>
    public byte[] Header { get; }

    /// <summary>The blocks in execution order.</summary>
    public IReadOnlyList<PlacedBlock> Blocks { get; }

    /// <summary>All tensors, fillers included, in the order of their data.</summary>
    public IReadOnlyList<PlacedTensor> Tensors { get; }

    /// <summary>The file's length.</summary>
    public long FileBytes { get; }

    /// <summary>Lays a model out.</summary>
    /// <param name="blocks">Its blocks in execution order.</param>
    /// <param name="tensors">Its tensors.</param>
    /// <param name="precision">What the converted tensors are stored as.</param>
    public static PackageLayout Create(IReadOnlyList<ModelBlock> blocks, IEnumerable<ExpectedTensor> tensors, WeightPrecision precision)
    {
        var partition = ModelBlocks.Partition(blocks, tensors);
        var placing = new Placing();
        var ranges = new List<(string Name, long Begin, long End, int First, int Last)>();
        foreach (var block in blocks)
        {
            placing.Align(Alignment);
            var (begin, first) = (placing.Offset, placing.Tensors.Count);
            foreach (var tensor in partition[block.Name]) placing.Add(tensor, precision);
            ranges.Add((block.Name, begin, placing.Offset, first, placing.Tensors.Count));
        }

        placing.Align(Alignment);
        var header = SafetensorsHeaderWriter.Write(placing.Tensors.Select(t => t.Entry), Metadata, Alignment);
        var placed = placing.Tensors.Select(t => t with { Offset = t.Offset + header.Length }).ToList();
        return new PackageLayout(
            header,
            [.. ranges.Select(r => new PlacedBlock(r.Name, r.Begin + header.Length, r.End - r.Begin, placed[r.First..r.Last]))],
            placed,
            placing.Offset + header.Length);
    }

    /// <summary>Tensors placed one after the other; offsets count from the end of the header, itself a whole number of pages.</summary>
    private sealed class Placing
    {
        private int _fillers;

        public List<PlacedTensor> Tensors { get; } = [];

        public long Offset { get; private set; }

        public void Add(ExpectedTensor tensor, WeightPrecision precision)
        {
            var type = PackageTensors.IsConverted(tensor) ? precision.ElementType() : ElementType.F32;
            Add(new TensorEntry(tensor.Name, type, tensor.Shape), tensor);
            if (type == ElementType.I8)
                Add(new TensorEntry(PackageTensors.ScaleName(tensor.Name), ElementType.F32, [tensor.Shape[0]]), tensor);
        }

        public void Align(int alignment)
        {
            var excess = Offset % alignment;
            if (excess != 0) Place(new TensorEntry(PackageTensors.PaddingName(_fillers++), ElementType.U8, [alignment - excess]), null);
        }

        private void Add(TensorEntry entry, ExpectedTensor source)
        {
            // Elements lie at multiples of their size, so that a reader can use them in place.
            Align(entry.Type.Bits() / 8);
            Place(entry, source);
        }

        private void Place(TensorEntry entry, ExpectedTensor? source)
        {
            Tensors.Add(new PlacedTensor(entry, Offset, source));
            Offset += entry.Bytes;
        }
    }
}
