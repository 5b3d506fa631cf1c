namespace Mesh.Client.Balancing;

/// <summary>
/// All indices in an order that a hash decides: Fisher and Yates, by <see cref="MersenneTwister"/>, as Envoy's bounded load does it.
/// Works on memory of the caller, and only as far as it is asked.
/// </summary>
internal ref struct HashShuffle
{
    private readonly Span<int> _indices;
    private MersenneTwister _random;
    private int _done;

    /// <param name="hash">Its lower half counts.</param>
    /// <param name="indices">As many words as there are indices.</param>
    /// <param name="state">As many as <see cref="MersenneTwister.Words"/>.</param>
    public HashShuffle(ulong hash, Span<int> indices, Span<uint> state)
    {
        _random = new MersenneTwister((uint)hash, state);
        _indices = indices;
        for (int i = 0; i < indices.Length; i++)
        {
            indices[i] = i;
        }
    }

    public bool TryNext(out int index)
    {
        if (_done == _indices.Length)
        {
            index = -1;
            return false;
        }

        int other = _done + (int)_random.Next((uint)(_indices.Length - _done));
        index = _indices[other];
        _indices[other] = _indices[_done];
        _indices[_done++] = index;
        return true;
    }
}
