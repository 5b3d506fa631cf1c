namespace Mesh.Client.Balancing;

/// <summary>
/// Each endpoint in turn. One that cannot be picked loses its turn to the next, which then does not take its own as well:
/// those that can be picked share evenly.
/// </summary>
internal sealed class RoundRobinBalancer(RoundRobinTurn turn) : LoadBalancer
{
    public override Pick Pick(ulong hash, ICandidates candidates)
    {
        int count = candidates.Count;
        for (int turns = 0; turns < count; turns++)
        {
            int index = turn.Next(count);
            if (candidates.CanPick(index))
            {
                return new Pick(index, PickReason.RoundRobin);
            }
        }

        // Picks beside this one took some of the turns: an endpoint may have gone unseen.
        for (int index = 0; index < count; index++)
        {
            if (candidates.CanPick(index))
            {
                return new Pick(index, PickReason.RoundRobin);
            }
        }

        return Balancing.Pick.None;
    }
}
