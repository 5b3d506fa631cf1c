namespace Mesh.Client.Balancing;

/// <summary>A picked endpoint's index and why it was picked.</summary>
internal readonly record struct Pick(int Index, PickReason Reason)
{
    public static readonly Pick None = new(-1, default);

    public bool IsNone => Index < 0;
}
