namespace Mesh.Client.Resilience.Limits;

/// <summary>How many slots there are: the configured number, or the adaptive one where it is less.</summary>
internal sealed record SlotBounds(int Max, GradientLimit? Adaptive = null)
{
    /// <summary>No limit at all.</summary>
    public static readonly SlotBounds None = new(int.MaxValue);

    public int Limit => Adaptive is null ? Max : Math.Min(Max, Adaptive.Limit);

    /// <summary>Whether it is the adaptive one that holds.</summary>
    public bool IsAdaptive => Adaptive is not null && Adaptive.Limit < Max;
}
