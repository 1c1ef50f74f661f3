namespace OnDeviceSora.Diffusion;

/// <summary>The generator MT19937 (Matsumoto and Nishimura, 1998): 32 random bits a draw, the same on every machine.</summary>
internal sealed class MersenneTwister
{
    private const int Size = 624;
    private const int Middle = 397;
    private readonly uint[] _state = new uint[Size];
    private int _next = Size;

    /// <summary>Starts the sequence that belongs to a seed.</summary>
    public MersenneTwister(uint seed)
    {
        _state[0] = seed;
        for (var i = 1; i < Size; i++)
        {
            var previous = _state[i - 1];
            _state[i] = 1812433253u * (previous ^ (previous >> 30)) + (uint)i;
        }
    }

    /// <summary>The next 32 bits.</summary>
    public uint Next()
    {
        if (_next == Size) Refill();
        var y = _state[_next++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c5680u;
        y ^= (y << 15) & 0xefc60000u;
        return y ^ (y >> 18);
    }

    private void Refill()
    {
        for (var i = 0; i < Size; i++)
        {
            var joined = (_state[i] & 0x80000000u) | (_state[(i + 1) % Size] & 0x7fffffffu);
            var mixed = _state[(i + Middle) % Size] ^ (joined >> 1);
            _state[i] = (joined & 1) == 0 ? mixed : mixed ^ 0x9908b0dfu;
        }
        _next = 0;
    }
}
