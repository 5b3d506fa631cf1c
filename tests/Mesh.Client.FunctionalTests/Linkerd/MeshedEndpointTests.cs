using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Security;
using Mesh.Client.Runtime;

namespace Mesh.Client.FunctionalTests.Linkerd;

/// <summary>Calls to a pod behind Linkerd's proxy, on both of its ports.</summary>
public sealed class MeshedEndpointTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, "1.1", "HTTP/1.1", "http1")]
    [InlineData(false, "2.0", "HTTP/2", "http2")]
    [InlineData(true, "1.1", "HTTP/1.1", "http1")]
    [InlineData(true, "2.0", "HTTP/2", "http2")]
    public async Task Call_Http_ApplicationKnowsWhoCalls(bool direct, string version, string protocol, string session)
    {
        await using LinkerdMesh mesh = await LinkerdMesh.StartAsync(direct);
        using HttpRequestMessage request = LinkerdMesh.Request(version, HttpMethod.Post, ("l5d-client-id", "somebody.else"));
        request.Content = new StringContent("body");

        using HttpResponseMessage response = await mesh.SendAsync(request);

        Assert.Equal($"{protocol} catalog {SecureMesh.Web}  body", await response.Content.ReadAsStringAsync(Stop));
        Assert.Equal(Version.Parse(version), response.Version);
        PodConnection connection = Assert.Single(mesh.Pod.Connections);
        Assert.Equal((direct, SecureMesh.Web, session), (connection.IsDirect, connection.Client, connection.Session));
        Assert.Equal((direct ? LinkerdMesh.PodPort : 0, ""), (connection.Port, connection.Name));
        Assert.Equal(0, mesh.Pod.PassedOn);
        Assert.Equal(SecureMesh.Catalog, response.GetMeshCallInfo()!.Attempts.Single().Identity);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_Grpc_UnaryAndBothWays(bool direct)
    {
        // That plain HTTP/1.1 would be upgraded changes nothing for what is HTTP/2 anyway.
        await using LinkerdMesh mesh = await LinkerdMesh.StartAsync(direct, traffic: new LinkerdTraffic { UpgradesHttp1 = true });
        using GrpcChannel channel = mesh.Client.Channels.CreateChannel("catalog");
        var client = new Probe.ProbeClient(channel);

        Assert.Equal("a", (await client.WhoAsync(new ProbeRequest { Key = "a" }, cancellationToken: Stop)).Key);
        using AsyncDuplexStreamingCall<ProbeRequest, ProbeReply> chat = client.Chat(cancellationToken: Stop);
        for (int i = 0; i < 3; i++)
        {
            await chat.RequestStream.WriteAsync(new ProbeRequest { Key = $"{i}" }, Stop);
            Assert.True(await chat.ResponseStream.MoveNext(Stop));
            Assert.Equal($"{i}", chat.ResponseStream.Current.Key);
        }

        await chat.RequestStream.CompleteAsync();
        Assert.False(await chat.ResponseStream.MoveNext(Stop));
        RpcException refused = await Assert.ThrowsAsync<RpcException>(
            async () => await client.WhoAsync(new ProbeRequest { Status = 5 }, cancellationToken: Stop));
        Assert.Equal(StatusCode.NotFound, refused.StatusCode);
        Assert.All(mesh.Pod.Requests, request => Assert.Null(request["l5d-orig-proto"]));
        Assert.Equal("http2", Assert.Single(mesh.Pod.Connections).Session);
    }

    [Theory]
    [InlineData(false, "1.1")]
    [InlineData(true, "1.1")]
    [InlineData(true, "2.0")]
    public async Task Call_OpaquePort_BytesGoThroughAsTheyAre(bool direct, string version)
    {
        await using LinkerdMesh mesh = await LinkerdMesh.StartAsync(direct, (wire, pod) =>
        {
            pod.IsOpaque = true;
            wire.ProtocolHint.Opaque = new();
        }, new LinkerdTraffic { UpgradesHttp1 = true });
        using HttpRequestMessage request = LinkerdMesh.Request(version);

        using HttpResponseMessage response = await mesh.SendAsync(request);

        string expected = version == "1.1" ? "HTTP/1.1 catalog" : "HTTP/2 catalog";
        Assert.Equal(expected, await response.Content.ReadAsStringAsync(Stop));
        PodConnection connection = Assert.Single(mesh.Pod.Connections);
        Assert.Equal(("opaque", direct ? LinkerdMesh.PodPort : 0), (connection.Session, connection.Port));
        Assert.Empty(mesh.Pod.Requests);
    }

    [Theory]
    [InlineData(false, "1.1")]
    [InlineData(false, "2.0")]
    [InlineData(true, "1.1")]
    [InlineData(true, "2.0")]
    public async Task Call_Gateway_GoesOnToTheOtherName(bool direct, string version)
    {
        const string Elsewhere = "catalog.shop.svc.cluster.local:7777";
        await using LinkerdMesh mesh = await LinkerdMesh.StartAsync(direct, (wire, pod) =>
        {
            wire.AuthorityOverride = new() { AuthorityOverride_ = Elsewhere };
            if (direct)
            {
                wire.ProtocolHint.OpaqueTransport.InboundPort = (uint)pod.DirectPort;
            }
        });
        mesh.Pod.Gateways[Elsewhere] = mesh.App.Port;
        using HttpRequestMessage request = LinkerdMesh.Request(version, null, ("l5d-dst-canonical", "catalog.shop:80"));

        using HttpResponseMessage response = await mesh.SendAsync(request);

        Assert.Contains($" {Elsewhere} ", await response.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        PodRequest seen = Assert.Single(mesh.Pod.Requests);
        Assert.Equal((Elsewhere, null), (seen.Authority, seen["l5d-dst-canonical"]));
        Assert.Equal(direct ? ("catalog.shop.svc.cluster.local", 7777) : ("", 0), (seen.From.Name, seen.From.Port));

        // The caller's own stays as it was, and so does what it is told.
        Assert.Equal("http://catalog/who", request.RequestUri!.ToString());
        Assert.Null(request.Headers.Host);
        Assert.Equal(["catalog.shop:80"], request.Headers.GetValues("l5d-dst-canonical"));
        Assert.Same(request, response.RequestMessage);
        Assert.StartsWith("catalog.", response.GetMeshCallInfo()!.Service, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_WrongServerName_ProxyDoesNotTakeIt(bool direct)
    {
        await using LinkerdMesh mesh = await LinkerdMesh.StartAsync(
            direct, (wire, _) => wire.TlsIdentity.ServerName = new() { Name = "other.test" });

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => mesh.SendAsync(LinkerdMesh.Request("1.1")));

        // Behind the handshake nobody says whether a request was read.
        Assert.Equal(direct ? MeshFailure.Transport : MeshFailure.NoEndpoint, error.Reason);
        Assert.Empty(mesh.Pod.Connections);
        Assert.Empty(mesh.Pod.Requests);
        Assert.Equal(!direct, mesh.Pod.PassedOn > 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_PodIsSomebodyElse_IsSentNothing(bool direct)
    {
        await using LinkerdMesh mesh = await LinkerdMesh.StartAsync(direct, certificate: SecureMesh.Web);

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => mesh.SendAsync(LinkerdMesh.Request("1.1")));

        Assert.Contains(SecureMesh.Catalog, error.Message, StringComparison.Ordinal);
        Assert.Empty(mesh.Pod.Requests);
    }

    [Fact]
    public async Task Call_ServerNameApartFromIdentity_NameChoosesAndIdentityIsVerified()
    {
        const string Other = "billing.shop.serviceaccount.identity.linkerd.cluster.local";
        await using LinkerdMesh mesh = await LinkerdMesh.StartAsync(
            false, (wire, _) => wire.TlsIdentity.DnsLikeIdentity.Name = Other, certificate: Other);

        using HttpResponseMessage response = await mesh.SendAsync(LinkerdMesh.Request("1.1"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Single(mesh.Pod.Requests);
    }
}
