namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>The default policies as Linkerd writes them.</summary>
internal static class InboundPolicyNames
{
    private static readonly string[] Names =
        ["all-unauthenticated", "all-authenticated", "cluster-authenticated", "deny", "audit"];

    public static string All => string.Join(", ", Names);

    public static string Of(MeshInboundPolicy policy) => Names[(int)policy];

    public static MeshInboundPolicy? Parse(string text)
    {
        int index = Array.FindIndex(Names, name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
        return index < 0 ? null : (MeshInboundPolicy)index;
    }
}
