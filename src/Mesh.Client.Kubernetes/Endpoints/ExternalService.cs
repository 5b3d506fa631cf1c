using k8s.Models;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>A Service that is another name for a host elsewhere, which is resolved at each connect.</summary>
internal static class ExternalService
{
    /// <summary>What such a Service says of itself.</summary>
    public const string Type = "ExternalName";

    private const int HttpsPort = 443;

    public static ServiceEndpoints Read(ServiceView view, V1Service service, string externalName)
    {
        string host = externalName.TrimEnd('.');
        int port = view.Service.Port;
        if (view.Target.PortName is not null || !EndpointAddress.TryParse($"{host}:{port}", out EndpointAddress? address))
        {
            return new ServiceEndpoints(EndpointSet.Refused($"{view.Target} leads to {externalName}, which names no host"), []);
        }

        string? appProtocol = (service.Spec.Ports ?? []).FirstOrDefault(own => own.Port == port)?.AppProtocol;
        bool isHttps = appProtocol is null ? port == HttpsPort : AppProtocols.IsHttps(appProtocol);
        EndpointTransport transport = DeclaredTransport.OfService(service.Metadata, null, isHttps, out string? problem)
            ?? (isHttps ? EndpointTransports.Https(host) : EndpointTransport.Plaintext);
        return new ServiceEndpoints(
            EndpointSet.Known([new Endpoint(address) { Transport = transport }]), problem is null ? [] : [$"{view.Target}: {problem}"]);
    }
}
