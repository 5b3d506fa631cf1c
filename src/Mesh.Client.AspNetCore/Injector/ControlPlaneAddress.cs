namespace Mesh.Client.AspNetCore.Injector;

/// <summary>Whether two addresses are one control plane's.</summary>
internal static class ControlPlaneAddress
{
    private const string Service = ".svc";

    /// <param name="theirs">As somebody wrote it.</param>
    public static bool AreSame(Uri ours, string? theirs) =>
        Uri.TryCreate(theirs, UriKind.Absolute, out Uri? other)
        && (other.Scheme, other.Port, other.UserInfo, Path(other)) == (ours.Scheme, ours.Port, ours.UserInfo, Path(ours))
        && AreSameHosts(ours.IdnHost.TrimEnd('.'), other.IdnHost.TrimEnd('.'));

    // A name in the cluster, with the cluster's domain and without: kubelet's search path makes one of the other.
    private static bool AreSameHosts(string ours, string theirs) =>
        ours == theirs || IsWithDomain(ours, theirs) || IsWithDomain(theirs, ours);

    private static bool IsWithDomain(string host, string withDomain) =>
        host.EndsWith(Service, StringComparison.Ordinal) && withDomain.StartsWith(host + '.', StringComparison.Ordinal);

    private static string Path(Uri address) => address.PathAndQuery.TrimEnd('/');
}
