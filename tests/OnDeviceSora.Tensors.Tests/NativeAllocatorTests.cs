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
    public void Freed_blocks_are_kept_for_the_same_size_up_to_a_limit_and_until_they_are_trimmed()
    {
        if (!MappedMemory.IsSupported) return;
        const long size = 5 << 20;
        var allocator = new NativeAllocator();
        var blocks = Enumerable.Range(0, 20).Select(_ => (nint)allocator.Allocate(size)).ToArray();
        Assert.Equal(0, allocator.KeptBytes);
        foreach (var block in blocks)
        {
            allocator.Free((void*)block, size);
            Assert.InRange(allocator.KeptBytes, size, FreedBlocks.Capacity);
        }
        Assert.Equal(FreedBlocks.Capacity / size * size, allocator.KeptBytes);
        Assert.Equal(blocks[^1], (nint)allocator.Allocate(size));
        var other = (nint)allocator.Allocate(size - 1);
        // The system may well map a block anew where one lay that has gone back.
        Assert.DoesNotContain(other, blocks[^(int)(FreedBlocks.Capacity / size)..]);
        Assert.Equal(blocks[^2], (nint)allocator.Allocate(size));
        new Span<byte>((void*)blocks[^1], (int)size).Fill(1);

        var before = allocator.KeptBytes;
        var large = allocator.Allocate(FreedBlocks.Capacity);
        allocator.Free(large, FreedBlocks.Capacity);
        Assert.Equal(before, allocator.KeptBytes);
        allocator.Trim();
        Assert.Equal(0, allocator.KeptBytes);
        allocator.Free((void*)blocks[^1], size);
        allocator.Free((void*)blocks[^2], size);
        allocator.Free((void*)other, size - 1);
        Assert.Equal(3 * size - 1, allocator.KeptBytes);
        allocator.Trim();
        allocator.Trim();
        Assert.Equal(0, allocator.KeptBytes);
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
