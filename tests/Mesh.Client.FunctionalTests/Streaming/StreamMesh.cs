using System.Net;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Security;
using Mesh.Client.Runtime;
using Mesh.Client.Tests.Identity;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Streaming;

/// <summary>A client of <c>catalog</c> in plaintext or in the mesh's TLS, and what it must have given back in the end.</summary>
internal static class StreamMesh
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="ca">Who vouches for both sides; null is plaintext.</param>
    /// <param name="ports">Where <c>catalog</c> listens.</param>
    /// <param name="catalog">Its other settings.</param>
    /// <param name="clock">Null is the system's.</param>
    public static Task<MeshHost> StartAsync(
        TestCa? ca, int[] ports, Action<MeshServiceOptions>? catalog = null, FakeTimeProvider? clock = null) => ca is null
        ? MeshHost.StartCatalogAsync([.. ports.Select(port => $"127.0.0.1:{port}")], catalog, clock)
        : SecureMesh.StartClientAsync(ca.Issue(SecureMesh.Web, ca), ports.Select(port => SecureMesh.At(port)), catalog, clock: clock);

    /// <summary>An endpoint is shut at its first failure, for longer than a test lasts; with one endpoint alone it never is.</summary>
    public static void Strict(MeshServiceOptions catalog) => catalog.FailureAccrual = new()
    {
        MaxFailures = 1,
        MinPenalty = TimeSpan.FromMinutes(10),
        MaxPenalty = TimeSpan.FromMinutes(10),
    };

    /// <summary>Posts to the endpoint at a port, and returns at the response's head.</summary>
    public static Task<HttpResponseMessage> PostToAsync(
        this MeshHost mesh, int port, HttpContent? content, bool http2 = true, Action<HttpRequestMessage>? configure = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "http://catalog/") { Content = content };
        if (http2)
        {
            (request.Version, request.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        }

        configure?.Invoke(request);
        request.SetMeshHashKey(mesh.KeyOf($"127.0.0.1:{port}"));
        return mesh.Client().SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }

    public static Task<HttpResponseMessage> GetFromAsync(this MeshHost mesh, int port, bool http2 = true) =>
        mesh.SendToAsync($"127.0.0.1:{port}", HttpMethod.Get, http2: http2);

    /// <summary>Calls under way at the endpoint at a port.</summary>
    public static int Pending(this MeshHost mesh, int port) => mesh.Endpoint($"127.0.0.1:{port}").Load.Pending;

    /// <summary>No call is under way any more, at any endpoint.</summary>
    public static async Task IdleAsync(this MeshHost mesh)
    {
        EndpointRuntime[] endpoints = mesh.Service().Snapshot.Endpoints;
        await Eventually.TrueAsync(() => mesh.Service().Active == 0 && endpoints.All(endpoint => endpoint.Load.Pending <= 0));
        Assert.All(endpoints, endpoint => Assert.Equal(0, endpoint.Load.Pending));
    }
}
