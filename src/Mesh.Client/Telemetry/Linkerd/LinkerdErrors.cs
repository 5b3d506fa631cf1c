namespace Mesh.Client.Telemetry.Linkerd;

/// <summary>The label <c>error</c> of <c>outbound_http_errors_total</c>: why the mesh itself ended a call, in Linkerd's words.</summary>
internal static class LinkerdErrors
{
    public static string NameOf(MeshFailure failure) => failure switch
    {
        MeshFailure.WaitingLimit or MeshFailure.Limit => "loadshed",
        MeshFailure.NoEndpoint or MeshFailure.DiscoveryUnavailable => "failfast",
        MeshFailure.Identity or MeshFailure.NoCredential or MeshFailure.NotSecured => "identity required",
        MeshFailure.Transport => "i/o",
        MeshFailure.Timeout => "response timeout",
        _ => "unexpected",
    };
}
