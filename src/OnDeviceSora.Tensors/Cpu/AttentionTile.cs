namespace OnDeviceSora.Tensors.Cpu;

/// <summary>
/// One head of one sequence. Keys and values are packed as panels, then a tile of queries at a time runs over blocks of
/// keys: scores, running softmax, weighted values, all by the micro-kernel of the matrix product.
/// </summary>
internal readonly unsafe struct AttentionTile
{
    /// <summary>Keys whose scores a tile holds at once.</summary>
    private const int KeyBlock = 256;

    /// <summary>Row panels in a tile of queries.</summary>
    private const int QueryPanels = 4;

    private readonly AttentionArguments _a;
    private readonly MicroKernel _kernel;
    private readonly int _sequence;
    private readonly int _keys;
    private readonly int _keyPanels;
    private readonly int _valuePanels;
    private readonly Buffers _buffers;

    public AttentionTile(ComputeEngine engine, AttentionArguments arguments, int thread, int sequence)
    {
        _a = arguments;
        _kernel = engine.Kernel;
        _sequence = sequence;
        _keys = arguments.KeyLengths?[sequence / arguments.Key.Inner] ?? arguments.Key.Tokens;
        _keyPanels = Panels(_keys, _kernel.Columns);
        _valuePanels = Panels(arguments.HeadSize, _kernel.Columns);
        _buffers = new Buffers(engine, thread, this);
    }

    private int TileRows => QueryPanels * _kernel.Rows;

    private int ValueStride => _valuePanels * _kernel.Columns;

    /// <summary>Attends from up to <paramref name="count"/> queries of one head, the first being <paramref name="first"/>.</summary>
    public void Run(int head, int first, int count)
    {
        PackKeys(head);
        PackValues(head);
        var end = Math.Min(_a.Query.Tokens, first + count);
        for (var query = first; query < end; query += TileRows) RunQueries(head, query, Math.Min(TileRows, end - query));
    }

    /// <summary>Floats of scratch memory for attention to so many keys.</summary>
    public static long ScratchFloats(MicroKernel kernel, int keys, int headSize) =>
        KeyFloats(kernel, keys, headSize) + ValueFloats(kernel, keys, headSize) + TileFloats(kernel, headSize);

    private static long KeyFloats(MicroKernel kernel, int keys, int headSize) => (long)Panels(keys, kernel.Columns) * kernel.Columns * headSize;

    private static long ValueFloats(MicroKernel kernel, int keys, int headSize) => (long)Panels(headSize, kernel.Columns) * kernel.Columns * keys;

    private static long TileFloats(MicroKernel kernel, int headSize)
    {
        var valueStride = Panels(headSize, kernel.Columns) * kernel.Columns;
        return (long)QueryPanels * kernel.Rows * (headSize + KeyBlock + valueStride + 2) + (long)kernel.Rows * KeyBlock;
    }

    private static int Panels(int count, int width) => (count + width - 1) / width;

    private void PackKeys(int head)
    {
        var width = _kernel.Columns;
        var source = _a.Key.Start(_sequence) + head * _a.HeadSize;
        var rows = stackalloc float*[width];
        for (var panel = 0; panel < _keyPanels; panel++)
        {
            var count = Math.Min(width, _keys - panel * width);
            for (var r = 0; r < count; r++) rows[r] = source + (panel * width + r) * _a.Key.TokenStride;
            PanelTranspose.Run(rows, count, _a.HeadSize, _buffers.Keys + (long)panel * width * _a.HeadSize, width);
        }
    }

    private void PackValues(int head)
    {
        var width = _kernel.Columns;
        var source = _a.Value.Start(_sequence) + head * _a.HeadSize;
        for (var panel = 0; panel < _valuePanels; panel++)
        {
            var count = Math.Min(width, _a.HeadSize - panel * width);
            var target = _buffers.Values + (long)panel * width * _keys;
            for (var key = 0; key < _keys; key++, target += width)
            {
                new ReadOnlySpan<float>(source + key * _a.Value.TokenStride + panel * width, count).CopyTo(new Span<float>(target, count));
                new Span<float>(target + count, width - count).Clear();
            }
        }
    }

    private void RunQueries(int head, int query, int count)
    {
        var panels = Panels(count, _kernel.Rows);
        PackQueries(head, query, count, panels);
        for (var r = 0; r < count; r++) (_buffers.Maxima[r], _buffers.Sums[r]) = (float.NegativeInfinity, 0);
        new Span<float>(_buffers.Results, panels * _kernel.Rows * ValueStride).Clear();
        for (var key = 0; key < _keys; key += KeyBlock)
        {
            var keys = Math.Min(KeyBlock, _keys - key);
            Score(panels, key, keys);
            for (var r = 0; r < count; r++) Weigh(head, query + r, r, key, keys);
            AddValues(panels, count, key, keys);
        }
        StoreResults(head, query, count);
    }

    private void PackQueries(int head, int query, int count, int panels)
    {
        var source = _a.Query.Start(_sequence) + head * _a.HeadSize + query * _a.Query.TokenStride;
        var rows = stackalloc float*[_kernel.Rows];
        for (var panel = 0; panel < panels; panel++)
        {
            var inPanel = Math.Min(_kernel.Rows, count - panel * _kernel.Rows);
            for (var r = 0; r < inPanel; r++) rows[r] = source + (panel * _kernel.Rows + r) * _a.Query.TokenStride;
            PanelTranspose.Run(rows, inPanel, _a.HeadSize, _buffers.Queries + panel * _kernel.Rows * _a.HeadSize, _kernel.Rows);
        }
        RowMath.Scale(_buffers.Queries, _a.Scale, _buffers.Queries, panels * _kernel.Rows * _a.HeadSize);
    }

    /// <summary>Scores of a tile against a block of keys. The block starts at a panel: its size is a multiple of any panel's.</summary>
    private void Score(int panels, int key, int keys)
    {
        var width = _kernel.Columns;
        for (var column = 0; column < keys; column += width)
        {
            var b = _buffers.Keys + (long)(key + column) * _a.HeadSize;
            for (var panel = 0; panel < panels; panel++)
            {
                var a = _buffers.Queries + panel * _kernel.Rows * _a.HeadSize;
                _kernel.Run(a, b, _a.HeadSize, _buffers.Scores + panel * _kernel.Rows * KeyBlock + column, KeyBlock, accumulate: false);
            }
        }
    }

    /// <summary>Turns one row of scores into weights, relative to the largest score seen so far, and rescales what was summed before.</summary>
    private void Weigh(int head, int query, int row, int key, int keys)
    {
        var scores = _buffers.Scores + row * KeyBlock;
        if (_a.Bias is not null)
        {
            RowMath.Add(scores, _a.Bias.Pointer + ((long)head * _a.Query.Tokens + query) * _a.Key.Tokens + key, keys);
        }
        var maximum = MathF.Max(_buffers.Maxima[row], RowMath.Maximum(scores, keys));
        if (float.IsNegativeInfinity(maximum))
        {
            // No key has had any weight so far.
            new Span<float>(scores, keys).Clear();
            return;
        }
        var correction = key == 0 ? 0 : MathF.Exp(_buffers.Maxima[row] - maximum);
        _buffers.Sums[row] = _buffers.Sums[row] * correction + RowMath.Exponentials(scores, keys, maximum);
        _buffers.Maxima[row] = maximum;
        if (key > 0 && correction != 1) RowMath.Scale(_buffers.Results + row * ValueStride, correction, _buffers.Results + row * ValueStride, ValueStride);
    }

    private void AddValues(int panels, int count, int key, int keys)
    {
        var rows = stackalloc float*[_kernel.Rows];
        for (var panel = 0; panel < panels; panel++)
        {
            var inPanel = Math.Min(_kernel.Rows, count - panel * _kernel.Rows);
            for (var r = 0; r < inPanel; r++) rows[r] = _buffers.Scores + (panel * _kernel.Rows + r) * KeyBlock;
            PanelTranspose.Run(rows, inPanel, keys, _buffers.Weights, _kernel.Rows);
            for (var value = 0; value < _valuePanels; value++)
            {
                var b = _buffers.Values + ((long)value * _keys + key) * _kernel.Columns;
                var tile = _buffers.Results + panel * _kernel.Rows * ValueStride + value * _kernel.Columns;
                _kernel.Run(_buffers.Weights, b, keys, tile, ValueStride, accumulate: true);
            }
        }
    }

    private void StoreResults(int head, int query, int count)
    {
        var target = _a.Output.Start(_sequence) + head * _a.HeadSize + query * _a.Output.TokenStride;
        for (var r = 0; r < count; r++)
        {
            var factor = _buffers.Sums[r] == 0 ? 0 : 1 / _buffers.Sums[r];
            RowMath.Scale(_buffers.Results + r * ValueStride, factor, target + r * _a.Output.TokenStride, _a.HeadSize);
        }
    }

    /// <summary>The tile's parts of one thread's scratch memory.</summary>
    private readonly struct Buffers
    {
        public readonly float* Keys;
        public readonly float* Values;
        public readonly float* Queries;
        public readonly float* Scores;
        public readonly float* Weights;
        public readonly float* Results;
        public readonly float* Maxima;
        public readonly float* Sums;

        public Buffers(ComputeEngine engine, int thread, in AttentionTile tile)
        {
            var (rows, headSize, kernel) = (tile.TileRows, tile._a.HeadSize, tile._kernel);
            var (keys, values) = (KeyFloats(kernel, tile._keys, headSize), ValueFloats(kernel, tile._keys, headSize));
            Keys = engine.Scratch.Take(thread, keys + values + TileFloats(kernel, headSize));
            Values = Keys + keys;
            Queries = Values + values;
            Scores = Queries + rows * headSize;
            Weights = Scores + rows * KeyBlock;
            Results = Weights + kernel.Rows * KeyBlock;
            Maxima = Results + rows * tile.ValueStride;
            Sums = Maxima + rows;
        }
    }
}
