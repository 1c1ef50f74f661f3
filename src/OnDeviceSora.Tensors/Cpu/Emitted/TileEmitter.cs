using System.Runtime.InteropServices;
using Iced.Intel;
using OnDeviceSora.Tensors.Cpu.Bytes;
using static Iced.Intel.AssemblerRegisters;

namespace OnDeviceSora.Tensors.Cpu.Emitted;

/// <summary>
/// Writes the machine code of a micro-kernel of 14 x 32 sums for AVX-512: 28 registers of sums, two for a row of the weights' panel
/// and two in turn for an entry of the rows' panel. Each sum is one chain in the order of depth.
/// </summary>
internal sealed class TileEmitter
{
    public const int Rows = 14;
    public const int Columns = 2 * Lanes;

    private const int Lanes = 16;
    private const int Word = 4;
    private const int Vector = Lanes * Word;

    /// <summary>Words of depth in one turn of the loop.</summary>
    private const int Unrolled = 4;

    /// <summary>Of the registers that Windows expects back, those with numbers 6 to 15.</summary>
    private const int FirstKept = 6;
    private const int Kept = 10;

    private static readonly AssemblerRegisterZMM LeftWeights = Register(28);
    private static readonly AssemblerRegisterZMM RightWeights = Register(29);

    private readonly Assembler _code = new(64);
    private readonly TileProduct _product;
    private readonly bool _windows;

    private TileEmitter(TileProduct product, bool windows) => (_product, _windows) = (product, windows);

    /// <summary>The code of <c>void kernel(TileArguments*)</c>, independent of where it lies.</summary>
    /// <param name="product">What it multiplies.</param>
    /// <param name="windows">Whether it is called by the convention of Windows, and not by that of all others.</param>
    public static byte[] Emit(TileProduct product, bool windows)
    {
        var emitter = new TileEmitter(product, windows);
        emitter.Enter();
        emitter.StartSums();
        emitter.Multiply();
        if (product == TileProduct.ByteQuad) emitter.ScaleSums();
        emitter.Store();
        emitter.Leave();
        using var stream = new MemoryStream();
        emitter._code.Assemble(new StreamCodeWriter(stream), 0);
        return stream.ToArray();
    }

    private static AssemblerRegisterZMM Register(int number) => new(Iced.Intel.Register.ZMM0 + number);

    private static AssemblerRegisterZMM Sum(int row, int half) => Register(2 * row + half);

    private static AssemblerRegisterZMM Entry(int row) => Register(30 + row % 2);

    /// <summary>A field of the arguments, whose address stays in r11.</summary>
    private static AssemblerMemoryOperand Argument(string name) => __qword_ptr[r11 + (int)Marshal.OffsetOf<TileArguments>(name)];

    private static AssemblerMemoryOperand Scaling(string name) =>
        __qword_ptr[r11 + (int)Marshal.OffsetOf<TileArguments>(nameof(TileArguments.Scaling)) + (int)Marshal.OffsetOf<ByteScaling>(name)];

    private void Enter()
    {
        _code.mov(r11, _windows ? rcx : rdi);
        if (_windows) KeepRegisters();
        _code.mov(rax, Argument(nameof(TileArguments.A)));
        _code.mov(rdx, Argument(nameof(TileArguments.B)));
        _code.mov(r8, Argument(nameof(TileArguments.Words)));
        _code.mov(r9, Argument(nameof(TileArguments.Tile)));
        _code.mov(r10, Argument(nameof(TileArguments.StrideBytes)));
    }

    private void KeepRegisters()
    {
        _code.sub(rsp, Kept * 16 + 8);
        for (var i = 0; i < Kept; i++) _code.vmovups(__xmmword_ptr[rsp + 16 * i], new AssemblerRegisterXMM(Iced.Intel.Register.XMM0 + FirstKept + i));
    }

    private void Leave()
    {
        _code.vzeroupper();
        if (_windows)
        {
            for (var i = 0; i < Kept; i++) _code.vmovups(new AssemblerRegisterXMM(Iced.Intel.Register.XMM0 + FirstKept + i), __xmmword_ptr[rsp + 16 * i]);
            _code.add(rsp, Kept * 16 + 8);
        }
        _code.ret();
    }

    /// <summary>Zeros, or the values that the tile has.</summary>
    private void StartSums()
    {
        ForSums((row, half) => _code.vpxord(Sum(row, half), Sum(row, half), Sum(row, half)));
        if (_product == TileProduct.ByteQuad) return;
        var start = _code.CreateLabel();
        _code.cmp(Argument(nameof(TileArguments.Accumulate)), 0);
        _code.je(start);
        ForTile((row, half, address) => _code.vmovups(Sum(row, half), address));
        _code.Label(ref start);
    }

    private void Multiply()
    {
        _code.mov(rcx, r8);
        _code.shr(rcx, 2);
        _code.and(r8, Unrolled - 1);
        Loop(rcx, Unrolled);
        Loop(r8, 1);
    }

    private void Loop(AssemblerRegister64 turns, int words)
    {
        var (turn, end) = (_code.CreateLabel(), _code.CreateLabel());
        _code.test(turns, turns);
        _code.je(end);
        _code.Label(ref turn);
        for (var word = 0; word < words; word++) MultiplyWord(word);
        _code.add(rax, words * Rows * Word);
        _code.add(rdx, words * Columns * Word);
        _code.dec(turns);
        _code.jne(turn);
        _code.Label(ref end);
    }

    private void MultiplyWord(int word)
    {
        _code.vmovups(LeftWeights, __zmmword_ptr[rdx + word * Columns * Word]);
        _code.vmovups(RightWeights, __zmmword_ptr[rdx + word * Columns * Word + Vector]);
        for (var row = 0; row < Rows; row++)
        {
            // Loaded into a register of its own: as an operand of both products it would be loaded twice.
            _code.vbroadcastss(Entry(row), __dword_ptr[rax + (word * Rows + row) * Word]);
            AddProduct(Sum(row, 0), Entry(row), LeftWeights);
            AddProduct(Sum(row, 1), Entry(row), RightWeights);
        }
    }

    private void AddProduct(AssemblerRegisterZMM sum, AssemblerRegisterZMM entry, AssemblerRegisterZMM weights)
    {
        switch (_product)
        {
            case TileProduct.Single: _code.vfmadd231ps(sum, entry, weights); break;
            case TileProduct.Bfloat16Pair: _code.vdpbf16ps(sum, entry, weights); break;
            default: _code.vpdpbusd(sum, entry, weights); break;
        }
    }

    /// <summary>From integers to floats, as <see cref="ByteScaling"/> says.</summary>
    private void ScaleSums()
    {
        _code.mov(rax, Scaling(nameof(ByteScaling.RowZeros)));
        _code.mov(rdx, Scaling(nameof(ByteScaling.RowScales)));
        _code.mov(rcx, Scaling(nameof(ByteScaling.ColumnSums)));
        _code.mov(r8, Scaling(nameof(ByteScaling.ColumnScales)));
        _code.vmovups(LeftWeights, __zmmword_ptr[rcx]);
        _code.vmovups(RightWeights, __zmmword_ptr[rcx + Vector]);
        ForSums((row, half) =>
        {
            var (sum, offset) = (Sum(row, half), Entry(half));
            _code.vpmulld(offset, half == 0 ? LeftWeights : RightWeights, __dword_bcst[rax + row * Word]);
            _code.vpsubd(sum, sum, offset);
            _code.vcvtdq2ps(sum, sum);
            _code.vmulps(sum, sum, __zmmword_ptr[r8 + half * Vector]);
            _code.vmulps(sum, sum, __dword_bcst[rdx + row * Word]);
        });
    }

    private void Store() => ForTile((row, half, address) => _code.vmovups(address, Sum(row, half)));

    private static void ForSums(Action<int, int> body)
    {
        for (var sum = 0; sum < 2 * Rows; sum++) body(sum / 2, sum % 2);
    }

    /// <summary>Walks the tile row by row; r9 points at the row, and is set back at the end.</summary>
    private void ForTile(Action<int, int, AssemblerMemoryOperand> body)
    {
        for (var row = 0; row < Rows; row++)
        {
            body(row, 0, __zmmword_ptr[r9]);
            body(row, 1, __zmmword_ptr[r9 + Vector]);
            _code.add(r9, r10);
        }
        _code.mov(r9, Argument(nameof(TileArguments.Tile)));
    }
}
