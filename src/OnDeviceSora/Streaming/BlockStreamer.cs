using OnDeviceSora.Tensors;

namespace OnDeviceSora.Streaming;

/// <summary>
/// Concurrent Inference with Dynamic Loading (paper, section 6): hands a model its blocks in order, and loads the next one
/// on another thread while the model computes with this one. The model never knows whether a block stayed, was loaded ahead
/// or was read just now. Serves one pass at a time.
/// </summary>
/// <typeparam name="TWeights">What a block's weights are to its model.</typeparam>
internal sealed class BlockStreamer<TWeights> : IDisposable where TWeights : class, IDisposable
{
    private readonly ComputeEngine _engine;
    private readonly StreamingSettings _settings;
    private readonly IReadOnlyList<BlockSource<TWeights>> _blocks;
    private readonly BlockRecorder _recorder;
    private readonly DynamicLoading? _dynamic;
    private readonly ArenaSlots _slots;
    private readonly LoadedBlock<TWeights>?[] _loads;
    private readonly IDisposable? _storage;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskFactory _loader = new(new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler);
    private readonly ManagedHeap _heap = new();
    private int _staying;
    private int _passes;

    /// <summary>Prepares to stream; loads nothing yet.</summary>
    /// <param name="engine">Whose memory holds the weights.</param>
    /// <param name="model">The model's name in timelines.</param>
    /// <param name="blocks">Its blocks, in the order in which it uses them; at least one.</param>
    /// <param name="settings">How they come into memory.</param>
    /// <param name="storage">What the blocks are read through; disposed with the streamer. May be <c>null</c>.</param>
    public BlockStreamer(
        ComputeEngine engine, string model, IReadOnlyList<BlockSource<TWeights>> blocks, StreamingSettings settings, IDisposable? storage = null)
    {
        _engine = engine;
        _storage = storage;
        _settings = settings;
        _blocks = blocks;
        _recorder = new BlockRecorder(model, settings.Timeline);
        _loads = new LoadedBlock<TWeights>?[blocks.Count];
        engine.Memory.ReuseWithin(settings.PlannedWorkingBytes);
        _slots = new ArenaSlots(engine, settings.Mode == StreamingMode.Sequential ? 1 : 2, blocks.Max(block => block.ArenaBytes));
        if (settings is { Mode: StreamingMode.ConcurrentDynamic, Budget: { } budget })
            _dynamic = new DynamicLoading(engine.Memory, budget, settings.PlannedWorkingBytes, settings.ResidentBytes, settings.KeptBytes ?? (() => engine.Memory.KeptBytes));
    }

    /// <summary>Blocks in the model.</summary>
    public int Count => _blocks.Count;

    /// <summary>Leading blocks that stay in memory between passes, at this moment.</summary>
    public int StayingBlocks => _staying;

    /// <summary>One pass over the blocks. A block is valid until the next is asked for.</summary>
    /// <param name="cancellation">Looked at before every block, and by a running load every few megabytes.</param>
    /// <exception cref="InvalidFileException">A block cannot be read; the message names file and block.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public IEnumerable<StreamedBlock<TWeights>> Pass(CancellationToken cancellation)
    {
        var pass = _passes++;
        for (var index = 0; index < _blocks.Count; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            var block = Take(index, pass, cancellation);
            if (_settings.Mode != StreamingMode.Sequential) LoadAhead(index, pass, cancellation);
            var start = _recorder.Now;
            try
            {
                yield return new StreamedBlock<TWeights>(index, block.Weights.Result);
            }
            finally
            {
                // Also when the computation failed and this pass ends here.
                LetGo(index, block);
            }
            _recorder.Computed(_blocks[index].Name, pass, start, block.Stays);
            KeepWithinBudget();
        }
        if (_staying == _blocks.Count) _slots.Dispose();
    }

    /// <summary>Waits for a running load and frees every block.</summary>
    public void Dispose()
    {
        _closing.Cancel();
        for (var index = 0; index < _loads.Length; index++) Drop(index);
        _slots.Dispose();
        _storage?.Dispose();
        _closing.Dispose();
        // The next model has a plan of its own.
        _engine.Memory.ReuseWithin(0);
        _engine.Memory.Trim();
    }

    private LoadedBlock<TWeights> Take(int index, int pass, CancellationToken cancellation)
    {
        var block = _loads[index] ?? TryLoad(index, pass, cancellation) ?? LoadInstead(index, pass, cancellation);
        try
        {
            block.Weights.GetAwaiter().GetResult();
            return block;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The load was begun by a pass that was cancelled since; this one was not.
            Drop(index);
            return Take(index, pass, cancellation);
        }
        catch
        {
            Drop(index);
            throw;
        }
    }

    /// <summary>A pass that was given up may have left blocks in the buffers that the next one does not begin with.</summary>
    private LoadedBlock<TWeights> LoadInstead(int index, int pass, CancellationToken cancellation)
    {
        for (var other = 0; other < _loads.Length; other++)
        {
            if (_loads[other] is { Stays: false }) Drop(other);
        }
        return TryLoad(index, pass, cancellation)
            ?? throw new InvalidOperationException($"No buffer is free for block {_blocks[index].Name}: a block of another pass is still in use.");
    }

    /// <summary>Begins the next load that there is a place for, unless one is still running.</summary>
    private void LoadAhead(int index, int pass, CancellationToken cancellation)
    {
        for (var next = index + 1; next < index + _blocks.Count; next++)
        {
            var wraps = next >= _blocks.Count;
            if (wraps && pass + 1 >= _settings.ExpectedPasses) return;
            var block = _loads[next % _blocks.Count];
            if (block is null)
            {
                TryLoad(next % _blocks.Count, wraps ? pass + 1 : pass, cancellation);
                return;
            }
            // After one that failed, none: this pass ends there.
            if (!block.Weights.IsCompletedSuccessfully) return;
        }
    }

    private LoadedBlock<TWeights>? TryLoad(int index, int pass, CancellationToken cancellation)
    {
        var source = _blocks[index];
        var stays = MayStay(index);
        var arena = stays ? new WeightArena(_engine, source.ArenaBytes) : _slots.TryTake();
        if (arena is null) return null;
        if (stays) _staying = index + 1;
        var weights = _loader.StartNew(() => Load(source, arena, pass, stays, cancellation));
        return _loads[index] = new LoadedBlock<TWeights>(arena, stays, weights);
    }

    private TWeights Load(BlockSource<TWeights> source, WeightArena arena, int pass, bool stays, CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _closing.Token);
        var start = _recorder.Now;
        var weights = source.Load(arena, either.Token);
        _recorder.Loaded(source.Name, pass, start, source.StoredBytes, stays);
        return weights;
    }

    /// <summary>Whether a block that is about to be loaded gets memory of its own and stays.</summary>
    private bool MayStay(int index) => _settings.Mode == StreamingMode.Resident
        || (LeadsTheOthers(index) && HasRoomFor(_blocks[index].ArenaBytes + _slots.MissingBytesFor(_blocks.Count - index - 1)));

    /// <summary>Whether a block that was loaded into a buffer may keep it; the others then need another.</summary>
    private bool MayKeepItsBuffer(int index) => LeadsTheOthers(index) && HasRoomFor(_slots.MissingBytesFor(_blocks.Count - index - 1, given: 1));

    /// <summary>Blocks that stay lead the model: the first that does not fit ends the row (paper, figure 10).</summary>
    private bool LeadsTheOthers(int index) =>
        _settings is { Mode: StreamingMode.ConcurrentDynamic, ExpectedPasses: > 1 } && index == _staying;

    private bool HasRoomFor(long bytes) => _dynamic?.HasRoomFor(bytes) ?? true;

    private void LetGo(int index, LoadedBlock<TWeights> block)
    {
        if (block.Stays) return;
        if (MayKeepItsBuffer(index))
        {
            _slots.GiveAway();
            _loads[index] = block with { Stays = true };
            _staying++;
            return;
        }
        _loads[index] = null;
        block.Weights.Result.Dispose();
        _slots.Return(block.Arena);
    }

    /// <summary>Measures, and lets go of the last blocks that stay while the process would pass its budget.</summary>
    private void KeepWithinBudget()
    {
        if (_settings.Budget is not null) _heap.KeepSmall();
        if (_dynamic is null)
        {
            _recorder.Sample(_settings.Budget);
            return;
        }
        _recorder.Sample(_dynamic.Measure(), _settings.Budget!);
        var before = _staying;
        while (_staying > 0 && !_dynamic.HasRoomFor(_slots.MissingBytesFor(_blocks.Count - _staying))) Drop(_staying - 1);
        // What is let go must leave the process.
        if (_staying < before) _engine.Memory.Trim();
    }

    /// <summary>Frees a block, whatever became of its load.</summary>
    private void Drop(int index)
    {
        if (_loads[index] is not { } block) return;
        _loads[index] = null;
        Task.WaitAny(block.Weights);
        if (block.Weights.IsCompletedSuccessfully) block.Weights.Result.Dispose();
        // Looked at, so that nobody reports it as unobserved.
        else _ = block.Weights.Exception;
        if (!block.Stays)
        {
            _slots.Return(block.Arena);
            return;
        }
        block.Arena.Dispose();
        // Blocks that stay are loaded and let go in order, so that this was the last of them.
        _staying = Math.Min(_staying, index);
    }
}
