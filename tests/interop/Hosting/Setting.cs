namespace Mesh.Client.InteropTests.Hosting;

/// <summary>What the environment says of the cluster; README.md has the list.</summary>
internal static class Setting
{
    /// <summary>Those that pods may have: this machine's, and none of the loopback ranges, which an API server refuses.</summary>
    public static string[] Addresses => [.. All.Where(address => !address.Contains(':', StringComparison.Ordinal))];

    /// <summary>The one of them that is of IPv6.</summary>
    public static string IPv6Address => All.First(address => address.Contains(':', StringComparison.Ordinal));

    /// <summary>The manifests of the Gateway API's CRDs: what <c>kubectl apply -f</c> takes.</summary>
    public static string GatewayApi => Required("MESH_INTEROP_GATEWAY_API");

    /// <summary>The manifest of the ServiceImport's CRD, likewise.</summary>
    public static string MultiClusterApi => Required("MESH_INTEROP_MCS_API");

    /// <summary>A command that kills the API server.</summary>
    public static string StopServer => Required("MESH_INTEROP_STOP");

    /// <summary>A command that starts it again.</summary>
    public static string StartServer => Required("MESH_INTEROP_START");

    /// <summary>PEM, RSA: what the cluster's service account tokens are signed with.</summary>
    public static string TokenKey => Required("MESH_INTEROP_TOKEN_KEY");

    /// <summary>A file that the walk through the four steps is written to; null: none.</summary>
    public static string? Transcript => Environment.GetEnvironmentVariable("MESH_INTEROP_TRANSCRIPT");

    public static string Kubectl => Environment.GetEnvironmentVariable("KUBECTL") ?? "kubectl";

    private static string[] All => Required("MESH_INTEROP_ADDRESSES").Split(',', StringSplitOptions.TrimEntries);

    private static string Required(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
            ? value
            : throw new InvalidOperationException($"{name} is not set.");
}
