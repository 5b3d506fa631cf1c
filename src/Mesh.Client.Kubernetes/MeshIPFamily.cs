namespace Mesh.Client.Kubernetes;

/// <summary>Which of a dual-stack Service's addresses are called.</summary>
public enum MeshIPFamily
{
    /// <summary>Those of IPv4, while there are any.</summary>
    IPv4,

    /// <summary>Those of IPv6, while there are any.</summary>
    IPv6,
}
