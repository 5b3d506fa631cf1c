namespace Mesh.Client.KubernetesTests.Faults;

/// <summary>What a request is answered instead of what it asked for.</summary>
/// <param name="Code">0: nothing at all, as a server that hangs.</param>
/// <param name="Message">Of the Status object; null: there is none, only text.</param>
/// <param name="RetryAfter">Seconds; null: not said.</param>
internal sealed record Fault(int Code, string? Message = null, int? RetryAfter = null)
{
    public static readonly Fault Hang = new(0);

    public static Fault Forbidden(string user = "system:serviceaccount:shop:web") => new(
        403,
        $"endpointslices.discovery.k8s.io is forbidden: User \"{user}\" cannot list resource \"endpointslices\" in API group "
        + "\"discovery.k8s.io\"");
}
