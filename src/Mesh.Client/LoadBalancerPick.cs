namespace Mesh.Client;

/// <summary>What an <see cref="ILoadBalancer"/> picked, and why.</summary>
public readonly record struct LoadBalancerPick
{
    // One more than the index, so that the default is none.
    private readonly int _place;

    /// <summary>Picks an endpoint.</summary>
    /// <param name="index">Its place in <see cref="LoadBalancerContext.Endpoints"/>.</param>
    /// <param name="reason">
    /// Why, in a word or two, told in <see cref="MeshAttempt.ReasonText"/>: a constant, so that no pick makes text. Null tells nothing.
    /// </param>
    public LoadBalancerPick(int index, string? reason = null)
    {
        _place = unchecked(index + 1);
        Reason = reason;
    }

    /// <summary>No endpoint. The default.</summary>
    public static LoadBalancerPick None => default;

    /// <summary>The endpoint's place in <see cref="LoadBalancerContext.Endpoints"/>; -1 for none.</summary>
    public int Index => unchecked(_place - 1);

    /// <summary>Why.</summary>
    public string? Reason { get; }

    /// <summary>Whether no endpoint was picked.</summary>
    public bool IsNone => _place == 0;
}
