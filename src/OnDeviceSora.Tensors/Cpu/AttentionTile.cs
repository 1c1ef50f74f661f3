namespace OnDeviceSora.Tensors.Cpu;

/// <summary>
/// One head of one sequence. Keys and values are packed as panels, then a panel of queries at a time runs over blocks of
/// keys: scores, running softmax, weighted values.
/// </summary>
/// <remarks>
/// All of it is transposed: scores are <c>K Q^T</c> with a row for each key, and results <c>V^T P^T</c> with a row for
/// each channel. So a query keeps to its lane, and the weights are as they stand a panel of the second product.
/// </remarks>
internal readonly unsafe struct AttentionTile
{
    /// <summary>About as many keys as have scores in the first-level cache.</summary>
    private const int KeysAtOnce = 256;

    private readonly AttentionArguments _a;
    private readonly MicroKernel _kernel;
    private readonly int _sequence;
    private readonly int _keys;
    private readonly int _keyBlock;
    private readonly HeadRows _queryRows;
    private readonly HeadRows _keyRows;
    private readonly AttentionScratch _scratch;

    public AttentionTile(ComputeEngine engine, AttentionArguments arguments, int thread, int sequence)
    {
        _a = arguments;
        _kernel = engine.Kernel;
        _sequence = sequence;
        _keys = arguments.KeyLengths?[sequence / arguments.Key.Inner] ?? arguments.Key.Tokens;
        _keyBlock = KeyBlock(_kernel, _keys);
        _queryRows = new HeadRows(_a.HeadSize, _a.QueryNorm, _a.NormEpsilon, _a.Rope, _a.Scale);
        _keyRows = new HeadRows(_a.HeadSize, _a.KeyNorm, _a.NormEpsilon, _a.Rope, 1);
        _scratch = new AttentionScratch(engine.Scratch.Take(thread, ScratchFloats(_kernel, _keys, _a.HeadSize)), _kernel, _keys, _a.HeadSize);
    }

    /// <summary>Attends from up to <paramref name="count"/> queries of one head, the first being <paramref name="first"/>.</summary>
    public void Run(int head, int first, int count)
    {
        PackKeys(head);
        PackValues(head);
        var end = Math.Min(_a.Query.Tokens, first + count);
        for (var query = first; query < end; query += _kernel.Columns) RunQueries(head, query, Math.Min(_kernel.Columns, end - query));
    }

    /// <summary>Floats of scratch memory for attention to so many keys.</summary>
    public static long ScratchFloats(MicroKernel kernel, int keys, int headSize) => new AttentionScratch(null, kernel, keys, headSize).Floats;

    /// <summary>Keys in a block, in whole panels: blocks are as equal as those allow.</summary>
    public static int KeyBlock(MicroKernel kernel, int keys)
    {
        var panels = (keys + kernel.Rows - 1) / kernel.Rows;
        var most = (KeysAtOnce + kernel.Rows - 1) / kernel.Rows;
        var blocks = Math.Max(1, (panels + most - 1) / most);
        return (panels + blocks - 1) / blocks * kernel.Rows;
    }

    private void PackKeys(int head)
    {
        var source = _a.Key.Start(_sequence) + head * _a.HeadSize;
        for (var key = 0; key < _keys; key += _kernel.Rows)
        {
            Pack(_keyRows, source + key * _a.Key.TokenStride, _a.Key.TokenStride, key, Math.Min(_kernel.Rows, _keys - key), _scratch.Keys + (nint)key * _a.HeadSize, _kernel.Rows);
        }
    }

    /// <summary>Makes a panel of one head of consecutive tokens; the panel's missing tokens are zeros.</summary>
    private void Pack(in HeadRows rows, float* source, long stride, int position, int count, float* panel, int width)
    {
        if (!rows.Unchanged)
        {
            rows.Write(source, (nint)stride, position, count, _scratch.Rows);
            source = _scratch.Rows;
            stride = _a.HeadSize;
        }
        if (count < width) new Span<float>(panel, width * _a.HeadSize).Clear();
        PanelTranspose.Run(source, (nint)stride, count, _a.HeadSize, panel, width);
    }

    private void PackValues(int head)
    {
        var width = _kernel.Rows;
        var source = _a.Value.Start(_sequence) + head * _a.HeadSize;
        for (var panel = 0; panel < _scratch.ValuePanels; panel++)
        {
            var count = Math.Min(width, _a.HeadSize - panel * width);
            var target = _scratch.Values + (nint)panel * width * _keys;
            if (count < width) new Span<float>(target, width * _keys).Clear();
            PanelCopy.Run(source + panel * width, (nint)_a.Value.TokenStride, _keys, count, target, width);
        }
    }

    private void RunQueries(int head, int query, int count)
    {
        var source = _a.Query.Start(_sequence) + head * _a.HeadSize + query * _a.Query.TokenStride;
        Pack(_queryRows, source, _a.Query.TokenStride, query, count, _scratch.Queries, _kernel.Columns);
        new Span<float>(_scratch.Maxima, _kernel.Columns).Fill(ScoreSoftmax.NoMaximum);
        new Span<float>(_scratch.Sums, _kernel.Columns).Clear();
        for (var key = 0; key < _keys; key += _keyBlock)
        {
            var keys = Math.Min(_keyBlock, _keys - key);
            Score(head, query, count, key, keys);
            ScoreSoftmax.Run(_kernel.Width, _scratch.Scores, keys, _scratch.Maxima, _scratch.Sums, _scratch.Factors);
            AddValues(key, keys);
        }
        StoreResults(head, query, count);
    }

    /// <summary>Scores of a block of keys, on top of their biases.</summary>
    private void Score(int head, int query, int count, int key, int keys)
    {
        if (_a.Bias is not null)
        {
            var bias = _a.Bias.Pointer + ((long)head * _a.Query.Tokens + query) * _a.Key.Tokens + key;
            if (count < _kernel.Columns) new Span<float>(_scratch.Scores, _keyBlock * _kernel.Columns).Clear();
            PanelTranspose.Run(bias, _a.Key.Tokens, count, keys, _scratch.Scores, _kernel.Columns);
        }
        for (var row = 0; row < keys; row += _kernel.Rows)
        {
            var panel = _scratch.Keys + (nint)(key + row) * _a.HeadSize;
            _kernel.Run(panel, _scratch.Queries, _a.HeadSize, _scratch.Scores + row * _kernel.Columns, _kernel.Columns, accumulate: _a.Bias is not null);
        }
    }

    private void AddValues(int key, int keys)
    {
        var (rows, columns) = (_kernel.Rows, _kernel.Columns);
        if (key > 0) ScoreSoftmax.Scale(_kernel.Width, _scratch.Results, _a.HeadSize, _scratch.Factors);
        for (var panel = 0; panel < _scratch.ValuePanels; panel++)
        {
            var values = _scratch.Values + ((nint)panel * _keys + key) * rows;
            _kernel.Run(values, _scratch.Scores, keys, _scratch.Results + (nint)panel * rows * columns, columns, accumulate: key > 0);
        }
    }

    private void StoreResults(int head, int query, int count)
    {
        var results = _scratch.Results;
        if (_keys == 0) new Span<float>(results, _a.HeadSize * _kernel.Columns).Clear();
        for (var i = 0; i < _kernel.Columns; i++) _scratch.Factors[i] = _scratch.Sums[i] == 0 ? 0 : 1 / _scratch.Sums[i];
        ScoreSoftmax.Scale(_kernel.Width, results, _a.HeadSize, _scratch.Factors);
        var target = _a.Output.Start(_sequence) + head * _a.HeadSize + query * _a.Output.TokenStride;
        PanelTranspose.Run(results, _kernel.Columns, _a.HeadSize, count, target, (nint)_a.Output.TokenStride);
    }
}
