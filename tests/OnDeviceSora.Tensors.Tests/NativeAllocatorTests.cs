namespace OnDeviceSora.Tensors.Tests;

public unsafe class NativeAllocatorTests
{
    /// <summary>Sizes around where blocks start to come from the system, and where they start to begin at huge pages.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData((1 << 20) - 1)]
    [InlineData(1 << 20)]
    [InlineData((1 << 20) + 1)]
    [InlineData((4 << 20) - 1)]
    [InlineData(4 << 20)]
    [InlineData((4 << 20) + 4097)]
    [InlineData((37 << 20) + 12345)]
    public void Blocks_are_aligned_and_theirs_to_the_last_byte(int bytes)
    {
        var blocks = new nint[5];
        for (var i = 0; i < blocks.Length; i++)
        {
            blocks[i] = (nint)NativeAllocator.Aligned.Allocate(bytes);
            Assert.NotEqual(0, blocks[i]);
            Assert.Equal(0, blocks[i] % (OperatingSystem.IsLinux() && bytes >= 4 << 20 ? 2 << 20 : 64));
            new Span<byte>((void*)blocks[i], bytes).Fill((byte)(i + 1));
        }
        for (var i = 0; i < blocks.Length; i++)
        {
            Assert.Equal(-1, new Span<byte>((void*)blocks[i], bytes).IndexOfAnyExcept((byte)(i + 1)));
            NativeAllocator.Aligned.Free((void*)blocks[i], bytes);
        }
    }

    /// <summary>Many tensors, freed all but the last: what the C library keeps for itself in such a case.</summary>
    [Fact]
    public void Resident_memory_falls_when_tensors_are_freed()
    {
        if (!OperatingSystem.IsLinux()) return;
        using var engine = new ComputeEngine();
        var tensors = Enumerable.Range(0, 100).Select(_ => engine.AllocateZeroed(3 << 18)).ToArray();
        var full = ResidentBytes();
        foreach (var tensor in tensors[..^1]) tensor.Dispose();
        // 297 MiB were freed; some are kept, and other tests run at the same time.
        Assert.InRange(full - ResidentBytes(), 150 << 20, long.MaxValue);
        tensors[^1].Dispose();
        Assert.Equal(0, engine.Memory.CurrentBytes);
    }

    [Fact]
    public void Freed_blocks_are_kept_until_there_are_too_many()
    {
        if (!MappedMemory.IsSupported) return;
        const long size = 5 << 20;
        var allocator = new NativeAllocator();
        var blocks = Enumerable.Range(0, 20).Select(_ => (nint)allocator.Allocate(size)).ToArray();
        Assert.Equal(0, allocator.KeptBytes);
        foreach (var block in blocks) allocator.Free((void*)block, size);
        Assert.Equal(20 * size, allocator.KeptBytes);
        allocator.KeepAtMost(4 * size);
        Assert.Equal(4 * size, allocator.KeptBytes);
        allocator.KeepAtMost(5 * size / 2);
        Assert.Equal(5 * size / 2, allocator.KeptBytes);

        // What is handed out again can be written from end to end.
        var again = (nint)allocator.Allocate(size);
        Assert.Equal(3 * size / 2, allocator.KeptBytes);
        new Span<byte>((void*)again, (int)size).Fill(1);
        allocator.Free((void*)again, size);
        allocator.KeepAtMost(0);
        allocator.KeepAtMost(0);
        Assert.Equal(0, allocator.KeptBytes);
    }

    [Fact]
    public void A_freed_block_serves_smaller_ones_and_grows_together_again()
    {
        if (!MappedMemory.IsSupported) return;
        const long part = 3 << 20;
        var allocator = new NativeAllocator();
        var whole = (nint)allocator.Allocate(4 * part);
        allocator.Free((void*)whole, 4 * part);
        var parts = Enumerable.Range(0, 4).Select(_ => (nint)allocator.Allocate(part)).ToArray();
        Assert.Equal([whole, whole + (nint)part, whole + 2 * (nint)part, whole + 3 * (nint)part], parts);
        Assert.Equal(0, allocator.KeptBytes);
        foreach (var i in (int[])[2, 0, 3, 1]) allocator.Free((void*)parts[i], part);
        Assert.Equal(whole, (nint)allocator.Allocate(4 * part));

        // Of two that would do, the smaller.
        var small = (nint)allocator.Allocate(2 * part);
        allocator.Free((void*)whole, 4 * part);
        var between = (nint)allocator.Allocate(8 * part);
        allocator.Free((void*)small, 2 * part);
        if (Math.Abs(small - whole) > 4 * part) Assert.Equal(small, (nint)allocator.Allocate(part));
        allocator.Free((void*)between, 8 * part);
        allocator.KeepAtMost(0);
    }

    [Theory]
    [InlineData(0, MemoryLedger.MostKeptBytes)]
    [InlineData(200 << 20, 200 << 20)]
    public void Tensors_and_what_is_kept_stay_within_the_plan(long plan, long most)
    {
        if (!MappedMemory.IsSupported) return;
        var ledger = new MemoryLedger { Allocator = new NativeAllocator() };
        ledger.ReuseWithin(plan);
        var (random, live, kept) = (new Random(1), new List<NativeBuffer>(), 0L);
        for (var i = 0; i < 2000; i++)
        {
            if (live.Count > 0 && (random.Next(2) == 0 || ledger.CurrentBytes > 160 << 20))
            {
                var index = random.Next(live.Count);
                live[index].Dispose();
                live.RemoveAt(index);
            }
            else
            {
                live.Add(new NativeBuffer(ledger, MemoryOwner.Activations, random.Next(1 << 20, 30 << 20)));
            }
            kept = Math.Max(kept, ledger.KeptBytes);
            // Whole pages are kept, whose ends the tensors did not use.
            Assert.InRange(ledger.KeptBytes, 0, Math.Max(MemoryLedger.MostKeptBytes, most - ledger.CurrentBytes) + Environment.SystemPageSize);
        }
        Assert.InRange(kept, most / 2, most);
        foreach (var buffer in live) buffer.Dispose();
        ledger.ReuseWithin(0);
        Assert.InRange(ledger.KeptBytes, 0, MemoryLedger.MostKeptBytes);
        ledger.Trim();
        Assert.Equal(0, ledger.KeptBytes);
    }

    [Fact]
    public void Kept_blocks_are_never_given_to_two_at_once()
    {
        using var engine = new ComputeEngine();
        Parallel.For(0, 400, i =>
        {
            using var tensor = engine.Allocate((1 << 18) + i % 3);
            var span = tensor.Span;
            span.Fill(i);
            Thread.Yield();
            Assert.Equal(-1, span.IndexOfAnyExcept(i));
            if (i % 50 == 0) engine.Memory.Trim();
        });
        Assert.Equal(0, engine.Memory.CurrentBytes);
    }

    [Fact]
    public void Memory_that_is_not_there_is_refused()
    {
        using var engine = new ComputeEngine();
        Assert.ThrowsAny<OutOfMemoryException>(() => engine.Allocate(1 << 30, 1 << 28));
        Assert.ThrowsAny<OutOfMemoryException>(() => new WeightArena(engine, long.MaxValue / 2));
        Assert.Equal(0, engine.Memory.CurrentBytes);
    }

    private static long ResidentBytes() => long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1]) * Environment.SystemPageSize;
}
