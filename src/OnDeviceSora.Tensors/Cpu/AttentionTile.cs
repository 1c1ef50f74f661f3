namespace OnDeviceSora.Tensors.Cpu;

/// <summary>
/// Some heads of one sequence. Keys and values are packed as panels, then a panel of queries at a time runs over blocks of
/// keys: scores, running softmax, weighted values.
/// </summary>
/// <remarks>
/// All of it is transposed: scores are <c>K Q^T</c> with a row for each key, and results <c>V^T P^T</c> with a row for
/// each channel. So a query keeps to its lane, and the weights are as they stand a panel of the second product.
/// </remarks>
internal readonly unsafe struct AttentionTile
{
    private readonly AttentionArguments _a;
    private readonly MicroKernel _kernel;
    private readonly int _sequence;
    private readonly int _keys;
    private readonly HeadRows _queryRows;
    private readonly HeadRows _keyRows;
    private readonly AttentionScratch _scratch;

    public AttentionTile(ComputeEngine engine, AttentionArguments arguments, int thread, int sequence)
    {
        _a = arguments;
        _kernel = engine.Kernel;
        _sequence = sequence;
        _keys = arguments.KeyLengths?[sequence / arguments.Key.Inner] ?? arguments.Key.Tokens;
        _queryRows = new HeadRows(_a.HeadSize, _a.QueryNorm, _a.NormEpsilon, _a.Rope, _a.Scale);
        _keyRows = new HeadRows(_a.HeadSize, _a.KeyNorm, _a.NormEpsilon, _a.Rope, 1);
        var start = engine.Scratch.Take(thread, ScratchFloats(_kernel, _keys, _a.Heads, _a.HeadSize));
        _scratch = new AttentionScratch(start, _kernel, _keys, _a.Heads, _a.HeadSize);
    }

    /// <summary>Attends from up to <paramref name="count"/> queries of some heads.</summary>
    /// <param name="firstHead">First of the heads.</param>
    /// <param name="heads">Number of heads.</param>
    /// <param name="first">First of the queries.</param>
    /// <param name="count">Number of queries, if there are as many.</param>
    public void Run(int firstHead, int heads, int first, int count)
    {
        var (endHead, end) = (firstHead + heads, Math.Min(_a.Query.Tokens, first + count));
        for (var head = firstHead; head < endHead; head += _scratch.Heads)
        {
            var group = Math.Min(_scratch.Heads, endHead - head);
            PackKeys(head, group);
            PackValues(head, group);
            for (var query = first; query < end; query += _kernel.Columns) RunQueries(head, group, query, Math.Min(_kernel.Columns, end - query));
        }
    }

    /// <summary>Floats of scratch memory for attention to so many keys.</summary>
    public static long ScratchFloats(MicroKernel kernel, int keys, int heads, int headSize) => new AttentionScratch(null, kernel, keys, heads, headSize).Floats;

    // Token by token, all heads of each: tokens of a strided sequence lie far apart, the heads of one side by side.
    private void PackKeys(int firstHead, int heads)
    {
        var source = _a.Key.Start(_sequence) + firstHead * _a.HeadSize;
        for (var key = 0; key < _keys; key += _kernel.Rows, source += _kernel.Rows * _a.Key.TokenStride)
        {
            var count = Math.Min(_kernel.Rows, _keys - key);
            var panel = _scratch.Keys + (nint)key * _a.HeadSize;
            for (var head = 0; head < heads; head++) Pack(_keyRows, source + head * _a.HeadSize, _a.Key.TokenStride, key, count, panel + head * _scratch.KeyFloats, _kernel.Rows);
        }
    }

    private void PackQueries(int firstHead, int heads, int query, int count)
    {
        var source = _a.Query.Start(_sequence) + firstHead * _a.HeadSize + query * _a.Query.TokenStride;
        for (var head = 0; head < heads; head++)
        {
            Pack(_queryRows, source + head * _a.HeadSize, _a.Query.TokenStride, query, count, _scratch.Queries + head * _scratch.QueryFloats, _kernel.Columns);
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

    private void PackValues(int firstHead, int heads)
    {
        var width = _kernel.Rows;
        for (var head = 0; head < heads; head++)
        {
            var source = _a.Value.Start(_sequence) + (firstHead + head) * _a.HeadSize;
            for (var panel = 0; panel < _scratch.ValuePanels; panel++)
            {
                var count = Math.Min(width, _a.HeadSize - panel * width);
                var target = _scratch.Values + head * _scratch.ValueFloats + (nint)panel * width * _keys;
                if (count < width) new Span<float>(target, width * _keys).Clear();
                PanelCopy.Run(source + panel * width, (nint)_a.Value.TokenStride, _keys, count, target, width);
            }
        }
    }

    private void RunQueries(int firstHead, int heads, int query, int count)
    {
        PackQueries(firstHead, heads, query, count);
        for (var head = 0; head < heads; head++)
        {
            new Span<float>(_scratch.Maxima, _kernel.Columns).Fill(ScoreSoftmax.NoMaximum);
            new Span<float>(_scratch.Sums, _kernel.Columns).Clear();
            for (var key = 0; key < _keys; key += _scratch.KeyBlock)
            {
                var keys = Math.Min(_scratch.KeyBlock, _keys - key);
                if (_a.Bias is not null) SetBiases(firstHead + head, query, count, key, keys);
                Score(head, key, keys);
                ScoreSoftmax.Run(_kernel.Width, _scratch.Scores, keys, _scratch.Maxima, _scratch.Sums, _scratch.Factors);
                AddValues(head, key, keys);
            }
            StoreResults(firstHead + head, query, count);
        }
    }

    private void SetBiases(int head, int query, int count, int key, int keys)
    {
        var bias = _a.Bias!.Pointer + ((long)head * _a.Query.Tokens + query) * _a.Key.Tokens + key;
        if (count < _kernel.Columns) new Span<float>(_scratch.Scores, keys * _kernel.Columns).Clear();
        PanelTranspose.Run(bias, _a.Key.Tokens, count, keys, _scratch.Scores, _kernel.Columns);
    }

    /// <summary>Scores of a block of keys, on top of their biases.</summary>
    private void Score(int head, int key, int keys)
    {
        var panels = _scratch.Keys + head * _scratch.KeyFloats;
        var queries = _scratch.Queries + head * _scratch.QueryFloats;
        for (var row = 0; row < keys; row += _kernel.Rows)
        {
            var panel = panels + (nint)(key + row) * _a.HeadSize;
            _kernel.Run(panel, queries, _a.HeadSize, _scratch.Scores + row * _kernel.Columns, _kernel.Columns, accumulate: _a.Bias is not null);
        }
    }

    private void AddValues(int head, int key, int keys)
    {
        var (rows, columns) = (_kernel.Rows, _kernel.Columns);
        var values = _scratch.Values + head * _scratch.ValueFloats;
        if (key > 0) ScoreSoftmax.Scale(_kernel.Width, _scratch.Results, _a.HeadSize, _scratch.Factors);
        for (var panel = 0; panel < _scratch.ValuePanels; panel++)
        {
            var tile = _scratch.Results + (nint)panel * rows * columns;
            _kernel.Run(values + ((nint)panel * _keys + key) * rows, _scratch.Scores, keys, tile, columns, accumulate: key > 0);
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
