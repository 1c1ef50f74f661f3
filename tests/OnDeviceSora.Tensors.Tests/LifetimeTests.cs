using System.Runtime.CompilerServices;

namespace OnDeviceSora.Tensors.Tests;

/// <summary>Memory and threads come back, whoever forgets what.</summary>
public class LifetimeTests
{
    [Fact]
    public void Engines_give_back_every_byte()
    {
        for (var round = 0; round < 60; round++)
        {
            var engine = new ComputeEngine(4);
            using (var a = Numbers.Fill(engine, 1, 40, 30))
            using (var weights = PackedMatrix.Pack(engine, Numbers.Of(50 * 30, 2), 50, 30))
            using (var output = engine.Allocate(40, 50))
            {
                MatMul.Run(engine, a, weights, output);
                Assert.True(engine.Memory.BytesOf(MemoryOwner.Scratch) > 0);
                Assert.Equal((40 * 30 + 40 * 50) * 4, engine.Memory.BytesOf(MemoryOwner.Activations));
            }
            engine.Dispose();
            foreach (var owner in Enum.GetValues<MemoryOwner>()) Assert.Equal(0, engine.Memory.BytesOf(owner));
            Assert.Equal(0, engine.Memory.CurrentBytes);
            Assert.True(engine.Memory.PeakBytes > 0);
            using var late = Numbers.Fill(engine, 1, 3, 3);
            Assert.Throws<ObjectDisposedException>(() => Softmax.Run(engine, late));
        }
    }

    [Fact]
    public void Finalizers_free_what_was_forgotten()
    {
        using var engine = new ComputeEngine();
        Forget(engine);
        for (var round = 0; round < 20 && engine.Memory.CurrentBytes > 0; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.Equal(0, engine.Memory.CurrentBytes);
    }

    /// <summary>An operand that nobody else holds must not be freed while the operation reads it.</summary>
    [Fact]
    public async Task Operands_live_as_long_as_their_operation()
    {
        if (!GuardedAllocator.IsSupported) return;
        using var engine = new ComputeEngine(1, null, new GuardedAllocator(atEnd: true));
        using var weights = PackedMatrix.Pack(engine, Numbers.Of(64 * 300, 2), 64, 300);
        using var output = engine.Allocate(3000, 64);
        using var stop = new CancellationTokenSource();
        var collector = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        });
        var a = Numbers.Of(3000 * 300, 1);
        for (var round = 0; round < 20; round++)
        {
            MatMul.Run(engine, engine.From(a, 3000, 300), weights, output);
            Assert.False(float.IsNaN(output.Span[^1]));
        }
        await stop.CancelAsync();
        await collector;
    }

    [Fact]
    public void The_ledger_counts_from_many_threads()
    {
        using var engine = new ComputeEngine();
        using var kept = engine.AllocateFor(MemoryOwner.Weights, 100);
        Parallel.For(0, 2000, i =>
        {
            using var tensor = engine.Allocate(1 + i % 50);
            Assert.True(engine.Memory.CurrentBytes >= 400 + tensor.Length * 4);
            Assert.True(engine.Memory.PeakBytes >= 400 + tensor.Length * 4);
        });
        Assert.Equal(400, engine.Memory.CurrentBytes);
        Assert.Equal(0, engine.Memory.BytesOf(MemoryOwner.Activations));
        engine.Memory.ResetPeak();
        Assert.Equal(400, engine.Memory.PeakBytes);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget(ComputeEngine engine)
    {
        for (var i = 0; i < 10; i++) engine.Allocate(1000);
        PackedMatrix.Pack(engine, new float[12], 3, 4);
        Assert.True(engine.Memory.CurrentBytes >= 12);
    }
}
