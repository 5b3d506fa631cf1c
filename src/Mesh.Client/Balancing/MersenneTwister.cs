namespace Mesh.Client.Balancing;

/// <summary>
/// MT19937 (Matsumoto and Nishimura, 1998), since other implementations draw by it: the same seed gives them and us the same
/// numbers. Works on memory of the caller and makes each number only when it is asked for.
/// </summary>
internal ref struct MersenneTwister
{
    /// <summary>How many words it works on.</summary>
    public const int Words = 624;

    private const int Shift = 397;

    private readonly Span<uint> _state;
    private int _next;

    public MersenneTwister(uint seed, Span<uint> state)
    {
        _state = state[..Words];
        _state[0] = seed;
        for (int i = 1; i < Words; i++)
        {
            uint last = _state[i - 1];
            _state[i] = (1812433253 * (last ^ (last >> 30))) + (uint)i;
        }
    }

    public uint Next()
    {
        int here = _next;
        _next = here + 1 == Words ? 0 : here + 1;
        uint joined = (_state[here] & 0x80000000) | (_state[_next] & 0x7FFFFFFF);
        uint far = _state[here < Words - Shift ? here + Shift : here + Shift - Words];
        uint word = far ^ (joined >> 1) ^ ((joined & 1) == 0 ? 0 : 0x9908B0DF);
        _state[here] = word;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9D2C5680;
        word ^= (word << 15) & 0xEFC60000;
        return word ^ (word >> 18);
    }

    /// <summary>A number below <paramref name="bound"/>, as Envoy's bounded load draws it: by division, again when too much.</summary>
    public uint Next(uint bound)
    {
        ulong width = (1UL << 32) / bound;
        ulong number;
        do
        {
            number = Next() / width;
        }
        while (number >= bound);
        return (uint)number;
    }
}
