using System.Text;
using k8s;
using k8s.Models;

namespace Mesh.Client.InteropTests.Cluster;

/// <summary>The names of headless Services, as a file <c>hosts</c>: the addresses of their ready pods.</summary>
internal sealed class ClusterDns(k8s.Kubernetes api)
{
    private const int Length = 4096;

    public string Text { get; private set; } = Padded("127.0.0.1 localhost\n");

    /// <returns>Whether it is another now.</returns>
    public async Task<bool> LookAsync(IEnumerable<string> namespaces, CancellationToken cancellationToken)
    {
        var text = new StringBuilder("127.0.0.1 localhost\n");
        foreach (string ns in namespaces)
        {
            V1EndpointSliceList slices = await api.DiscoveryV1.ListNamespacedEndpointSliceAsync(
                ns, labelSelector: "service.kubernetes.io/headless", cancellationToken: cancellationToken);
            foreach (V1EndpointSlice slice in slices.Items)
            {
                string name = $"{slice.Metadata.Labels["kubernetes.io/service-name"]}.{ns}.svc";
                foreach (V1Endpoint endpoint in (slice.Endpoints ?? []).Where(endpoint => endpoint.Conditions.Ready != false))
                {
                    text.Append(null, $"{endpoint.Addresses[0]} {name} {name}.cluster.local\n");
                }
            }
        }

        string next = Padded(text.ToString());
        bool isOther = next != Text;
        Text = next;
        return isOther;
    }

    /// <summary>In one piece: a reader sees the last or this one.</summary>
    public void Write(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        file.Write(Encoding.ASCII.GetBytes(Text));
    }

    private static string Padded(string text) => text.PadRight(Length - 1) + "\n";
}
