using Iced.Intel;

namespace OnDeviceSora.Tensors.Tests.Cpu.Emitted;

/// <summary>
/// Runs emitted machine code one instruction at a time, in software, on real memory: code for CPUs and calling conventions that the
/// test machine does not have. Knows the instructions that micro-kernels are made of and refuses any other.
/// </summary>
internal sealed unsafe class CodeInterpreter
{
    private const int Lanes = 16;
    private const int StackBytes = 4096;

    private readonly long[] _general = new long[16];
    private readonly uint[][] _vectors = [.. Enumerable.Range(0, 32).Select(i => Enumerable.Repeat(0xDEAD0000u + (uint)i, Lanes).ToArray())];
    private readonly Dictionary<ulong, Instruction> _code = [];
    private bool _isZero;

    public CodeInterpreter(byte[] code)
    {
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(code));
        while (decoder.IP < (ulong)code.Length)
        {
            var instruction = decoder.Decode();
            _code.Add(instruction.IP, instruction);
        }
    }

    /// <summary>Calls the code with a pointer in a register, and checks that it returns and keeps what Windows wants kept.</summary>
    public void Call(Register argument, void* pointer, bool keepsVectors)
    {
        var stack = stackalloc byte[StackBytes];
        var before = _vectors.Select(v => v.ToArray()).ToArray();
        var top = (long)stack + StackBytes;
        _general[Number(Register.RSP)] = top;
        _general[Number(argument)] = (long)pointer;
        for (var address = 0UL; _code[address].Mnemonic != Mnemonic.Ret;) address = Step(_code[address]);
        Assert.Equal(top, _general[Number(Register.RSP)]);
        for (var i = 6; keepsVectors && i < 16; i++) Assert.Equal(before[i][..4], _vectors[i][..4]);
    }

    private ulong Step(in Instruction i)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Mov: SetGeneral(i.Op0Register, General(i, 1)); break;
            case Mnemonic.Add: SetGeneral(i.Op0Register, General(i, 0) + General(i, 1)); break;
            case Mnemonic.Sub: SetGeneral(i.Op0Register, General(i, 0) - General(i, 1)); break;
            case Mnemonic.Dec: SetGeneral(i.Op0Register, General(i, 0) - 1); break;
            case Mnemonic.And: SetGeneral(i.Op0Register, General(i, 0) & General(i, 1)); break;
            case Mnemonic.Shr: SetGeneral(i.Op0Register, (long)((ulong)General(i, 0) >> (int)General(i, 1))); break;
            case Mnemonic.Test: _isZero = (General(i, 0) & General(i, 1)) == 0; break;
            case Mnemonic.Cmp: _isZero = General(i, 0) == General(i, 1); break;
            case Mnemonic.Je: return _isZero ? i.NearBranchTarget : i.NextIP;
            case Mnemonic.Jne: return _isZero ? i.NextIP : i.NearBranchTarget;
            case Mnemonic.Vzeroupper: break;
            default: StepVector(i); break;
        }
        return i.NextIP;
    }

    private void StepVector(in Instruction i)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Vmovups: Move(i); break;
            case Mnemonic.Vbroadcastss: Array.Fill(_vectors[Number(i.Op0Register)], *(uint*)Address(i)); break;
            case Mnemonic.Vpxord: Map(i, (_, a, b) => a ^ b); break;
            case Mnemonic.Vpsubd: Map(i, (_, a, b) => a - b); break;
            case Mnemonic.Vpmulld: Map(i, (_, a, b) => a * b); break;
            case Mnemonic.Vmulps: Map(i, (_, a, b) => Bits(Single(a) * Single(b))); break;
            case Mnemonic.Vcvtdq2ps: Map(i, (_, a, _) => Bits((int)a)); break;
            case Mnemonic.Vfmadd231ps: Map(i, (sum, a, b) => Bits(MathF.FusedMultiplyAdd(Single(a), Single(b), Single(sum)))); break;
            case Mnemonic.Vpdpbusd: Map(i, AddBytes); break;
            case Mnemonic.Vdpbf16ps: Map(i, AddPairs); break;
            default: throw new NotSupportedException(i.ToString());
        }
    }

    private static uint AddBytes(uint sum, uint unsigned, uint signed)
    {
        for (var shift = 0; shift < 32; shift += 8) sum += (uint)((byte)(unsigned >> shift) * (sbyte)(signed >> shift));
        return sum;
    }

    private static uint AddPairs(uint sum, uint a, uint b)
    {
        var upper = Single(sum) + Single(a & 0xFFFF0000) * Single(b & 0xFFFF0000);
        return Bits(upper + Single(a << 16) * Single(b << 16));
    }

    private void Move(in Instruction i)
    {
        var lanes = (i.Op0Kind == OpKind.Register ? i.Op0Register : i.Op1Register).IsXMM() ? 4 : Lanes;
        if (i.Op0Kind == OpKind.Register) new Span<uint>((void*)Address(i), lanes).CopyTo(_vectors[Number(i.Op0Register)]);
        else _vectors[Number(i.Op1Register)].AsSpan(0, lanes).CopyTo(new Span<uint>((void*)Address(i), lanes));
    }

    /// <summary>Each lane of the first operand, from itself and the last two.</summary>
    private void Map(in Instruction i, Func<uint, uint, uint, uint> of)
    {
        var target = _vectors[Number(i.Op0Register)];
        var last = Source(i, i.OpCount - 1);
        var first = i.OpCount == 3 ? Source(i, 1) : last;
        for (var lane = 0; lane < Lanes; lane++) target[lane] = of(target[lane], first[lane], last[lane]);
    }

    private uint[] Source(in Instruction i, int operand)
    {
        if (i.GetOpKind(operand) == OpKind.Register) return [.. _vectors[Number(i.GetOpRegister(operand))]];
        return i.IsBroadcast ? [.. Enumerable.Repeat(*(uint*)Address(i), Lanes)] : new Span<uint>((void*)Address(i), Lanes).ToArray();
    }

    private long General(in Instruction i, int operand) => i.GetOpKind(operand) switch
    {
        OpKind.Register => _general[Number(i.GetOpRegister(operand))],
        OpKind.Memory => *(long*)Address(i),
        _ => (long)i.GetImmediate(operand),
    };

    private void SetGeneral(Register register, long value)
    {
        _isZero = value == 0;
        _general[Number(register)] = value;
    }

    private long Address(in Instruction i) => _general[Number(i.MemoryBase)] + (long)i.MemoryDisplacement64;

    private static int Number(Register register) => register.GetNumber();

    private static float Single(uint bits) => BitConverter.UInt32BitsToSingle(bits);

    private static uint Bits(float value) => BitConverter.SingleToUInt32Bits(value);
}
