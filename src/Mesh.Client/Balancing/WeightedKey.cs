namespace Mesh.Client.Balancing;

/// <summary>What a balancer is built from: one endpoint's hash key and weight.</summary>
internal readonly record struct WeightedKey(string Key, int Weight)
{
    /// <summary>Whether all weigh the same, so that weights need no thought.</summary>
    public static bool AreEqual(ReadOnlySpan<WeightedKey> endpoints)
    {
        foreach (WeightedKey endpoint in endpoints)
        {
            if (endpoint.Weight != endpoints[0].Weight)
            {
                return false;
            }
        }

        return true;
    }
}
