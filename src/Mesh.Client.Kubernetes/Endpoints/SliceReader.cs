using System.Collections.Frozen;
using System.Net;
using k8s.Models;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>Reads the endpoints of one slice. What has no legal address is left out: the API server takes none.</summary>
internal static class SliceReader
{
    private const string Fqdn = "FQDN";

    public static SliceEndpoint[] Read(V1EndpointSlice slice, CalledPort port) =>
        port.In(slice, out string? appProtocol) is { } number
            ? [.. (slice.Endpoints ?? []).Select(endpoint => Read(slice, endpoint, number, appProtocol)).OfType<SliceEndpoint>()]
            : [];

    private static SliceEndpoint? Read(V1EndpointSlice slice, V1Endpoint endpoint, int port, string? appProtocol)
    {
        // Several addresses of one endpoint are one: a consumer takes the first.
        if (endpoint.Addresses is not [{ } text, ..] || Address(slice.AddressType, text, port) is not { } address)
        {
            return null;
        }

        V1ObjectReference? target = endpoint.TargetRef is { Kind: V1Pod.KubeKind } named ? named : null;
        string? pod = target?.Name;
        return new SliceEndpoint(
            new Endpoint(address)
            {
                Zone = Text(endpoint.Zone),
                HashKey = Text(endpoint.Hostname),
                Labels = Labels(slice, endpoint, pod),
            },
            ReadinessOf(endpoint.Conditions))
        {
            AddressType = slice.AddressType,
            Node = Text(endpoint.NodeName),
            Pod = Text(pod),
            PodElsewhere = Text(target?.NamespaceProperty) is { } space && space != slice.Metadata?.NamespaceProperty ? space : null,
            Hostname = Text(endpoint.Hostname),
            AppProtocol = appProtocol,
            ForZones = [.. (endpoint.Hints?.ForZones ?? []).Select(zone => zone.Name)],
            ForNodes = [.. (endpoint.Hints?.ForNodes ?? []).Select(node => node.Name)],
        };
    }

    private static EndpointAddress? Address(string addressType, string text, int port)
    {
        if (addressType == Fqdn)
        {
            return EndpointAddress.TryParse($"{text.TrimEnd('.')}:{port}", out EndpointAddress? named) && !named.IsIP ? named : null;
        }

        return IPAddress.TryParse(text, out IPAddress? ip) ? EndpointAddress.Create(ip, port) : null;
    }

    /// <summary>What is not said counts as the API has it: ready; serving as ready; not terminating.</summary>
    private static Readiness ReadinessOf(V1EndpointConditions? conditions)
    {
        bool ready = conditions?.Ready ?? true;
        bool serving = conditions?.Serving ?? ready;
        return ready ? Readiness.Ready
            : serving && conditions?.Terminating == true ? Readiness.Terminating
            : Readiness.None;
    }

    private static FrozenDictionary<string, string> Labels(V1EndpointSlice slice, V1Endpoint endpoint, string? pod)
    {
        var labels = new List<KeyValuePair<string, string>>(4);
        Add("namespace", slice.Metadata?.NamespaceProperty);
        Add("node", endpoint.NodeName);
        Add("pod", pod);
        Add("zone", endpoint.Zone);
        return Endpoint.ReadLabels(labels);

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                labels.Add(new(name, value));
            }
        }
    }

    private static string? Text(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
