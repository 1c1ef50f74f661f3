namespace OnDeviceSora.Tensors.Cpu;

/// <summary>
/// A fixed set of threads that share out the items of one loop at a time. Items are claimed one by one, so a thread that
/// the machine slows down does not hold up the rest; which thread computes an item never changes its result.
/// </summary>
internal sealed class ThreadTeam : IDisposable
{
    /// <summary>Spins before a waiting thread sleeps: about the gap between two operations of a model.</summary>
    private const int SpinsBeforeSleep = 200;

    /// <summary>The team whose item this thread computes, and the index it has there.</summary>
    [ThreadStatic]
    private static (ThreadTeam? Team, int Thread) _current;

    private readonly Thread[] _workers;
    private readonly SemaphoreSlim _wake = new(0);
    private Loop? _loop;
    private volatile bool _stopping;

    public ThreadTeam(int threads)
    {
        Threads = threads;
        _workers = new Thread[threads - 1];
        for (var i = 0; i < _workers.Length; i++)
        {
            var index = i + 1;
            _workers[i] = new Thread(() => Work(index)) { IsBackground = true, Name = $"sora compute {i + 1}" };
            _workers[i].Start();
        }
    }

    /// <summary>Threads that compute, the calling one included.</summary>
    public int Threads { get; }

    /// <summary>Runs a body for each item 0 .. <paramref name="items"/> - 1 and returns when all are done.</summary>
    /// <param name="items">Number of items; 0 or less does nothing.</param>
    /// <param name="body">Receives the item, and the index of the thread (0 .. <see cref="Threads"/> - 1), by which scratch memory can be told apart.</param>
    /// <remarks>A loop that a body starts runs on the body's own thread, under the same index.</remarks>
    /// <exception cref="ObjectDisposedException">The team was disposed.</exception>
    /// <exception cref="Exception">The first exception that a body threw, after every thread has stopped.</exception>
    public void For(int items, Action<int, int> body)
    {
        if (items <= 0) return;
        var nested = _current.Team == this;
        if (!nested) ObjectDisposedException.ThrowIf(_stopping, this);
        if (nested || _workers.Length == 0 || items == 1) RunHere(items, body, nested ? _current.Thread : 0);
        else RunShared(items, body);
        // The body owns the tensors whose addresses it computes with.
        GC.KeepAlive(body);
    }

    private void RunHere(int items, Action<int, int> body, int thread)
    {
        var outer = _current;
        _current = (this, thread);
        try
        {
            for (var i = 0; i < items; i++) body(i, thread);
        }
        finally
        {
            _current = outer;
        }
    }

    private void RunShared(int items, Action<int, int> body)
    {
        var loop = new Loop(this, items, body);
        Volatile.Write(ref _loop, loop);
        var helpers = Math.Min(_workers.Length, items - 1);
        _wake.Release(helpers);
        loop.Run(0);
        loop.WaitForAll();
        Volatile.Write(ref _loop, null);
        loop.Rethrow();
    }

    public void Dispose()
    {
        if (_stopping) return;
        if (_current.Team == this) throw new InvalidOperationException("A loop's body cannot dispose the team that runs it.");
        _stopping = true;
        if (_workers.Length > 0) _wake.Release(_workers.Length);
        foreach (var worker in _workers) worker.Join();
        _wake.Dispose();
    }

    private void Work(int index)
    {
        while (!_stopping)
        {
            _wake.Wait();
            // A wake-up that arrives after its loop has ended finds either nothing or a later loop to help with.
            Volatile.Read(ref _loop)?.Run(index);
        }
    }

    /// <summary>One parallel loop: who has claimed how far, and how many items are done.</summary>
    private sealed class Loop(ThreadTeam team, int items, Action<int, int> body)
    {
        private int _next = -1;
        private int _done;
        private Exception? _failure;

        public void Run(int thread)
        {
            var outer = _current;
            _current = (team, thread);
            for (var item = Interlocked.Increment(ref _next); item < items; item = Interlocked.Increment(ref _next))
            {
                try
                {
                    if (_failure is null) body(item, thread);
                }
                catch (Exception e)
                {
                    // Kept for the caller's thread: an exception on a worker would end the process.
                    Interlocked.CompareExchange(ref _failure, e, null);
                }
                Interlocked.Increment(ref _done);
            }
            _current = outer;
        }

        public void WaitForAll()
        {
            var spinner = new SpinWait();
            while (Volatile.Read(ref _done) < items)
            {
                if (spinner.Count < SpinsBeforeSleep) spinner.SpinOnce(sleep1Threshold: -1);
                else Thread.Yield();
            }
        }

        public void Rethrow()
        {
            if (_failure is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failure);
        }
    }
}
