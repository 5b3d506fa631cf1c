namespace Mesh.Client.AspNetCore.Registry;

/// <summary>
/// Which process of a control plane it is: an instance that reaches one by several addresses, as an IPv4 and an IPv6 one, registers once.
/// </summary>
internal static class ControlPlaneProcess
{
    /// <summary>Among the headers that open the answer to a registration.</summary>
    public const string Header = "mesh-control-plane-process";

    public static string NewName() => Guid.NewGuid().ToString("N");
}
