namespace Mesh.Client.Balancing;

/// <summary>
/// Each endpoint in turn, as often as its weight says: gRPC's static stride scheduler (gRFC A58), an earliest-deadline-first
/// schedule that needs one counter and no queue. An endpoint of less than the greatest weight passes in some of the rounds.
/// </summary>
/// <remarks>
/// Weights are scaled to 16 bits: less than 1/65535 of the greatest counts as that much. After so many turns in vain, since few
/// can be picked or one outweighs the rest by far, the next is drawn at random by weight, which keeps the shares.
/// </remarks>
internal sealed class WeightedRoundRobinBalancer : LoadBalancer
{
    private const int MaxTurns = 64;
    private const ulong Greatest = ushort.MaxValue;
    private const ulong Offset = Greatest / 2;

    private readonly RoundRobinTurn _turn;
    private readonly WeightedDraw _draw;
    private readonly ushort[] _weights;

    public WeightedRoundRobinBalancer(RoundRobinTurn turn, WeightedDraw draw)
    {
        _turn = turn;
        _draw = draw;
        _weights = new ushort[draw.Count];
        double most = 0;
        for (int i = 0; i < _weights.Length; i++)
        {
            most = Math.Max(most, draw.Weight(i));
        }

        for (int i = 0; i < _weights.Length; i++)
        {
            _weights[i] = (ushort)Math.Max(Math.Round((double)Greatest * draw.Weight(i) / most), 1);
        }
    }

    /// <summary>Weights as scaled, for tests.</summary>
    public ReadOnlySpan<ushort> Weights => _weights;

    public override Pick Pick(ulong hash, ICandidates candidates)
    {
        uint count = (uint)_weights.Length;
        for (int turns = 0; turns < MaxTurns && count > 0; turns++)
        {
            ulong turn = _turn.Next();
            int index = (int)(turn % count);
            if (Takes(index, turn / count) && candidates.CanPick(index))
            {
                return new Pick(index, PickReason.RoundRobin);
            }
        }

        int drawn = _draw.Next(candidates);
        return drawn < 0 ? Balancing.Pick.None : new Pick(drawn, PickReason.RoundRobin);
    }

    /// <summary>Whether an endpoint takes its turn in this round: so many of 65535, evenly spread, apart from its neighbours'.</summary>
    private bool Takes(int index, ulong round)
    {
        ulong weight = _weights[index];
        return ((weight * (round % Greatest)) + ((ulong)index * Offset)) % Greatest >= Greatest - weight;
    }
}
