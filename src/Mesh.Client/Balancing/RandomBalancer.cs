namespace Mesh.Client.Balancing;

/// <summary>
/// Any endpoint that can be picked, as often as its weight says. With equal weights it is Envoy's Random, which knows no others.
/// </summary>
internal sealed class RandomBalancer(WeightedDraw draw) : LoadBalancer
{
    public override Pick Pick(ulong hash, ICandidates candidates)
    {
        int index = draw.Next(candidates);
        return index < 0 ? Balancing.Pick.None : new Pick(index, PickReason.Random);
    }
}
