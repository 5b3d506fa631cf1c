using System.Globalization;
using System.Net;
using Grpc.Net.Client;
using Mesh.Client.Balancing;
using Mesh.Client.Runtime;

namespace Mesh.Client.FunctionalTests.Hosting;

/// <summary>Calls of the service <c>catalog</c>.</summary>
internal static class CatalogCalls
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A channel to it, which the caller disposes.</summary>
    public static GrpcChannel Channel(this MeshHost host, Action<GrpcChannelOptions>? configure = null) =>
        host.Channels.CreateChannel("catalog", configure);

    /// <summary>Its endpoint at an address.</summary>
    public static EndpointRuntime Endpoint(this MeshHost host, string address) =>
        host.Service().Snapshot.Endpoints.Single(endpoint => endpoint.Address.Text == address);

    /// <summary>A hash key that belongs to the endpoint at an address, so that a call begins there.</summary>
    public static string KeyOf(this MeshHost host, string address)
    {
        ServiceSnapshot snapshot = host.Service().Snapshot;
        var all = new AllOf(snapshot);
        return Enumerable.Range(0, 10_000).Select(n => n.ToString(CultureInfo.InvariantCulture)).First(key =>
            snapshot.Endpoints[snapshot.Balancers.Pick(hasHash: true, RequestHash.Of(key), all).Index].Address.Text == address);
    }

    /// <summary>Sends a request that begins at the endpoint at an address.</summary>
    public static Task<HttpResponseMessage> SendToAsync(
        this MeshHost host,
        string address,
        HttpMethod method,
        HttpContent? content = null,
        CancellationToken? cancellation = null,
        bool http2 = false)
    {
        var request = new HttpRequestMessage(method, "/") { Content = content };
        if (http2)
        {
            (request.Version, request.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        }

        request.SetMeshHashKey(host.KeyOf(address));
        return host.Client().SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation ?? Cancellation);
    }

    /// <summary>Gets from the endpoint at an address.</summary>
    public static Task<HttpResponseMessage> GetFromAsync(this MeshHost host, string address) => host.SendToAsync(address, HttpMethod.Get);

    /// <summary>Sends a request, with a hash key if there is one.</summary>
    public static async Task<HttpResponseMessage> SendAsync(
        this MeshHost host, HttpMethod method, string path, string? key = null, HttpContent? content = null, Version? version = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (version is not null)
        {
            request.Version = version;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        }

        if (key is not null)
        {
            request.SetMeshHashKey(key);
        }

        return await host.Client().SendAsync(request, Cancellation);
    }

    /// <summary>Who answers a key.</summary>
    public static async Task<string> WhoAsync(this MeshHost host, string? key = null)
    {
        using HttpResponseMessage response = await host.SendAsync(HttpMethod.Get, "/who", key);
        return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Cancellation);
    }

    private sealed class AllOf(ServiceSnapshot snapshot) : ICandidates
    {
        public int Count => snapshot.Endpoints.Length;

        public long Now => TimeProvider.System.GetTimestamp();

        public bool CanPick(int index) => true;

        public EndpointLoad Load(int index) => snapshot.Endpoints[index].Load;
    }
}
