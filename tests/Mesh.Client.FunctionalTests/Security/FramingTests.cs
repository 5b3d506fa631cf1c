using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Tests.Identity;

namespace Mesh.Client.FunctionalTests.Security;

public sealed class FramingTests
{
    private readonly TestCa _ca = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Framing.MeshTls, "http", "1.1", HttpVersionPolicy.RequestVersionOrLower, "HTTP/1.1")]
    [InlineData(Framing.MeshTls, "http", "2.0", HttpVersionPolicy.RequestVersionExact, "HTTP/2")]
    [InlineData(Framing.MeshTls, "https", "1.1", HttpVersionPolicy.RequestVersionOrLower, "HTTP/1.1")]
    [InlineData(Framing.MeshTls, "https", "2.0", HttpVersionPolicy.RequestVersionExact, "HTTP/2")]
    [InlineData(Framing.Https, "http", "1.1", HttpVersionPolicy.RequestVersionOrLower, "HTTP/1.1")]
    [InlineData(Framing.Https, "http", "1.1", HttpVersionPolicy.RequestVersionOrHigher, "HTTP/2")]
    [InlineData(Framing.Https, "http", "2.0", HttpVersionPolicy.RequestVersionExact, "HTTP/2")]
    [InlineData(Framing.Https, "https", "2.0", HttpVersionPolicy.RequestVersionOrLower, "HTTP/2")]
    [InlineData(Framing.Https, "https", "2.0", HttpVersionPolicy.RequestVersionOrHigher, "HTTP/2")]
    [InlineData(Framing.Https, "https", "1.1", HttpVersionPolicy.RequestVersionExact, "HTTP/1.1")]
    public async Task SendAsync_EachFraming_SecondConnectionsToo(
        Framing framing, string scheme, string version, HttpVersionPolicy policy, string protocol)
    {
        await using MeshServer server = await MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca));
        for (int i = 0; i < 2; i++)
        {
            await using MeshHost client = await SecureMesh.StartClientAsync(
                _ca.Issue(SecureMesh.Web, _ca), [SecureMesh.At(server.Port, framing: framing)], catalog => catalog.Port = 80);
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{scheme}://catalog/")
            {
                Version = Version.Parse(version),
                VersionPolicy = policy,
            };

            using HttpResponseMessage response = await client.Client().SendAsync(request, Stop);

            string body = await response.Content.ReadAsStringAsync(Stop);
            Assert.StartsWith($"https {protocol} {SecureMesh.Web} tls", body, StringComparison.Ordinal);
            Assert.Equal(
                ($"{scheme}://catalog/", Version.Parse(version), policy, null),
                (request.RequestUri!.ToString(), request.Version, request.VersionPolicy, request.Headers.Host));
        }
    }

    [Theory]
    [InlineData(Framing.MeshTls)]
    [InlineData(Framing.Https)]
    public async Task SendAsync_Grpc_EachFraming(Framing framing)
    {
        await using MeshServer server = await MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca));
        await using MeshHost client = await SecureMesh.StartClientAsync(
            _ca.Issue(SecureMesh.Web, _ca), [SecureMesh.At(server.Port, framing: framing)]);
        using GrpcChannel channel = client.Channel();

        ProbeReply reply = await new Probe.ProbeClient(channel).WhoAsync(new ProbeRequest(), cancellationToken: Stop);

        Assert.Equal("probe", reply.Name);
    }

    [Fact]
    public async Task SendAsync_SourceNone_GoesWithoutTlsAndSaysSoOnce()
    {
        await using MeshServer server = await MeshServer.StartAsync(null);
        await using MeshHost client = await MeshHost.StartCatalogAsync(
            [], service => service.Endpoints = [SecureMesh.At(server.Port), SecureMesh.At(1)]);

        string body = await client.Client().GetStringAsync("/", Stop);

        Assert.StartsWith("http HTTP/1.1 - plain", body, StringComparison.Ordinal);
        Assert.Single(client.Logs.GetSnapshot(), record => record.Id.Name == "IdentityIgnored");
    }
}
