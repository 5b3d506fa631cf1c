using System.Net;
using System.Net.Sockets;
using Mesh.Client.Discovery;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Identity;
using Mesh.Client.Model;
using Mesh.Client.Tests.Discovery;
using Mesh.Client.Tests.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>What may be spoken in plaintext, and what never.</summary>
public sealed class ModeTests
{
    private readonly TestCa _ca = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Permissive_MixedSet_TlsExactlyWhereThereIsAnIdentity()
    {
        await using MeshServer plain = await MeshServer.StartAsync(null);
        await using MeshServer secured = await MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca));
        await using MeshHost client = await SecureMesh.StartClientAsync(
            _ca.Issue(SecureMesh.Web, _ca), [SecureMesh.At(plain.Port, identity: null), SecureMesh.At(secured.Port)]);

        for (int i = 0; i < 3; i++)
        {
            Assert.StartsWith("http HTTP/1.1 - plain", await FromAsync(client, plain), StringComparison.Ordinal);
            Assert.StartsWith($"https HTTP/1.1 {SecureMesh.Web} tls", await FromAsync(client, secured), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Strict_EndpointWithoutIdentity_IsNeverSpokenTo()
    {
        FakeTimeProvider clock = SecureMesh.StandingClock();
        await using RawServer plain = RawServer.Silent();
        await using MeshHost client = await SecureMesh.StartClientAsync(
            _ca.Issue(SecureMesh.Web, _ca),
            [SecureMesh.At(plain.Port, identity: null)],
            catalog => catalog.WarmConnections = true,
            MeshIdentityMode.Strict,
            clock: clock);

        Task<string> call = client.Client().GetStringAsync("/", Stop);
        await ((Task)call).EndsAsync(clock);

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => call);
        Assert.Contains($"{plain.Address} has no identity, and is not called in Mode Strict", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, plain.Connections);
    }

    [Fact]
    public async Task Strict_MixedSet_OnlyTheSecured()
    {
        await using RawServer plain = RawServer.Silent();
        await using MeshServer secured = await MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca));
        await using MeshHost client = await SecureMesh.StartClientAsync(
            _ca.Issue(SecureMesh.Web, _ca),
            [SecureMesh.At(plain.Port, identity: null), SecureMesh.At(secured.Port)],
            mode: MeshIdentityMode.Strict);

        for (int i = 0; i < 10; i++)
        {
            using HttpResponseMessage response = await client.GetFromAsync(plain.Address);
            Assert.Equal(200, (int)response.StatusCode);
        }

        Assert.Equal(0, plain.Connections);
    }

    [Fact]
    public async Task Https_NoEndpointSecured_FailsAtOnce()
    {
        FakeTimeProvider clock = SecureMesh.StandingClock();
        await using RawServer plain = RawServer.Silent();
        await using MeshHost client = await SecureMesh.StartClientAsync(
            _ca.Issue(SecureMesh.Web, _ca),
            [SecureMesh.At(plain.Port, identity: null)],
            catalog => catalog.Port = 80,
            clock: clock);

        // The clock stands: it did not wait.
        MeshException error = await Assert.ThrowsAsync<MeshException>(() => client.Client().GetStringAsync("https://catalog/", Stop));

        Assert.Equal(MeshFailure.NotSecured, error.Reason);
        Assert.Equal(0, plain.Connections);
    }

    [Fact]
    public async Task Https_MixedSet_OnlyTheSecured()
    {
        await using RawServer plain = RawServer.Silent();
        await using MeshServer secured = await MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca));
        await using MeshHost client = await SecureMesh.StartClientAsync(
            _ca.Issue(SecureMesh.Web, _ca),
            [SecureMesh.At(plain.Port, identity: null), SecureMesh.At(secured.Port)],
            catalog => catalog.Port = 80);

        for (int i = 0; i < 10; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "https://catalog/");
            request.SetMeshHashKey(client.KeyOf(plain.Address));
            using HttpResponseMessage response = await client.Client().SendAsync(request, Stop);
            Assert.StartsWith("https", await response.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        }

        Assert.Equal(0, plain.Connections);
    }

    [Fact]
    public async Task UnreadableIdentity_IsNeverCalled()
    {
        FakeTimeProvider clock = SecureMesh.StandingClock();
        await using RawServer there = RawServer.Silent();
        Assert.True(EndpointAddress.TryParse(there.Address, out EndpointAddress? address));
        var source = new ManualSource();
        source.Set(EndpointSet.Known([new Endpoint(address) { Transport = new EndpointTransport(Framing.MeshTls) }]));
        await using MeshHost client = await StartAsync(source, MeshIdentityMode.Permissive, clock);

        Task<string> call = client.Client().GetStringAsync("/", Stop);
        await ((Task)call).EndsAsync(clock);

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => call);
        Assert.Contains($"{there.Address} has an identity that cannot be read", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, there.Connections);
    }

    [Theory]
    [InlineData(MeshIdentityMode.Permissive, true)]
    [InlineData(MeshIdentityMode.Strict, false)]
    public async Task UnknownMeshName_PassesThroughOnlyWherePlaintextMay(MeshIdentityMode mode, bool passes)
    {
        await using RawServer outside = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        ManualSource source = new ManualSource().Set(EndpointSet.NotFound());
        await using MeshHost client = await StartAsync(source, mode, outside: outside.Address);

        Task<HttpResponseMessage> call = client.Client("defaults").GetAsync("http://unknown.shop.svc.cluster.local/", Stop);

        if (passes)
        {
            (await call).Dispose();
        }
        else
        {
            Assert.Equal(MeshFailure.UnknownService, (await Assert.ThrowsAsync<MeshException>(() => call)).Reason);
        }

        Assert.Equal(passes ? 1 : 0, outside.Connections);
    }

    private static async Task<string> FromAsync(MeshHost client, MeshServer server)
    {
        using HttpResponseMessage response = await client.GetFromAsync($"127.0.0.1:{server.Port}");
        return await response.Content.ReadAsStringAsync(Stop);
    }

    private Task<MeshHost> StartAsync(ManualSource source, MeshIdentityMode mode, FakeTimeProvider? clock = null, string? outside = null)
    {
        ManualCredentials own = _ca.Issue(SecureMesh.Web, _ca);
        return MeshHost.StartAsync(
            [("UnknownServices", nameof(UnknownServices.PassThrough))],
            services =>
            {
                services.AddSingleton<IEndpointSource>(source);
                services.AddSingleton(new CredentialStore(_ => own, mode, clock ?? TimeProvider.System));
                services.ConfigureHttpClientDefaults(client => client.UseMesh());
                services.AddHttpClient("defaults").UseSocketsHttpHandler((handler, _) => handler.ConnectCallback = async (_, stop) =>
                {
                    var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                    await socket.ConnectAsync(IPEndPoint.Parse(outside!), stop);
                    return new NetworkStream(socket, ownsSocket: true);
                });
            },
            clock);
    }
}
