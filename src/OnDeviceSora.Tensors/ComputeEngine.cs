using OnDeviceSora.Tensors.Cpu;
using OnDeviceSora.Tensors.Cpu.Bytes;
using OnDeviceSora.Tensors.Cpu.Emitted;

namespace OnDeviceSora.Tensors;

/// <summary>
/// What operations run on: a team of threads, the micro-kernels chosen for this CPU, and the ledger of native memory.
/// One engine serves one computation at a time.
/// </summary>
public sealed class ComputeEngine : IDisposable
{
    /// <summary>Environment variable that chooses the code of engines that are not told: <c>managed</c>, or <c>emitted</c> as if it were not set.</summary>
    public const string KernelCodeVariable = "SORA_KERNELS";

    /// <summary>Creates an engine.</summary>
    /// <param name="threads">Compute threads, 1 to 1024, the calling thread included. Results do not depend on it.</param>
    /// <param name="vectorWidth">Micro-kernel width; default the widest this CPU has.</param>
    /// <param name="code">Code of the innermost loops; default what <see cref="KernelCodeVariable"/> says.</param>
    /// <exception cref="PlatformNotSupportedException">This CPU lacks that width.</exception>
    public ComputeEngine(int threads = 1, VectorWidth? vectorWidth = null, KernelCode? code = null) : this(threads, vectorWidth, NativeAllocator.Aligned, code) { }

    internal ComputeEngine(int threads, VectorWidth? vectorWidth, NativeAllocator allocator, KernelCode? code = null, bool? multiplyBfloat16 = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, 1024);
        Memory = new MemoryLedger { Allocator = allocator };
        var (width, emit) = (vectorWidth ?? CpuFeatures.WidestVector, (code ?? ChosenCode) == KernelCode.Emitted);
        Kernel = MicroKernels.Select(width, emit);
        ByteKernel = ByteKernels.Select(width, emit);
        Bfloat16Kernel = emit && width == VectorWidth.Bits512 && (multiplyBfloat16 ?? CpuFeatures.HasFastBfloat16) && EmittedKernels.Find(TileProduct.Bfloat16Pair) is not 0 and var address ? new Bfloat16Kernel(address) : null;
        Team = new ThreadTeam(threads);
        Scratch = new ScratchMemory(Memory, threads);
    }

    /// <summary>Every native byte that tensors of this engine hold.</summary>
    public MemoryLedger Memory { get; }

    /// <summary>Compute threads.</summary>
    public int Threads => Team.Threads;

    /// <summary>Width of the micro-kernels in use.</summary>
    public VectorWidth VectorWidth => Kernel.Width;

    internal ThreadTeam Team { get; }

    internal MicroKernel Kernel { get; }

    internal ByteKernel ByteKernel { get; }

    /// <summary>The micro-kernel of bfloat16, or <c>null</c> where such weights are widened.</summary>
    internal Bfloat16Kernel? Bfloat16Kernel { get; }

    internal ScratchMemory Scratch { get; }

    private static KernelCode ChosenCode =>
        string.Equals(Environment.GetEnvironmentVariable(KernelCodeVariable), nameof(KernelCode.Managed), StringComparison.OrdinalIgnoreCase)
            ? KernelCode.Managed : KernelCode.Emitted;

    /// <summary>A new tensor. Its elements are undefined.</summary>
    public Tensor Allocate(params ReadOnlySpan<int> extents) => AllocateFor(MemoryOwner.Activations, extents);

    /// <summary>A new tensor with all elements 0.</summary>
    public Tensor AllocateZeroed(params ReadOnlySpan<int> extents)
    {
        var tensor = Allocate(extents);
        unsafe
        {
            System.Runtime.InteropServices.NativeMemory.Clear(tensor.Pointer, (nuint)(tensor.Length * sizeof(float)));
        }
        return tensor;
    }

    /// <summary>A new tensor, entered in the ledger under an owner. Its elements are undefined.</summary>
    public Tensor AllocateFor(MemoryOwner owner, params ReadOnlySpan<int> extents)
    {
        var shape = new Shape(extents);
        return new Tensor(new NativeBuffer(Memory, owner, checked(shape.Length * sizeof(float))), shape);
    }

    /// <summary>A new tensor that holds a copy of <paramref name="values"/>.</summary>
    /// <exception cref="ArgumentException">The values are more or fewer than the shape has elements.</exception>
    public Tensor From(ReadOnlySpan<float> values, params ReadOnlySpan<int> extents)
    {
        var shape = new Shape(extents);
        if (values.Length != shape.Length) throw new ArgumentException($"{values.Length} values for the shape {shape}.", nameof(values));
        var tensor = Allocate(extents);
        values.CopyTo(tensor.Span);
        return tensor;
    }

    /// <summary>Stops the threads, frees their scratch memory and what the ledger keeps. Tensors stay valid until they are disposed.</summary>
    public void Dispose()
    {
        Team.Dispose();
        Scratch.Dispose();
        Memory.Trim();
    }
}
