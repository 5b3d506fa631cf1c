using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Resilience;

/// <summary>What the caller's own content throws is the caller's.</summary>
public sealed class CallersContentTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_ContentThrows_CallerSeesItAndNoEndpointIsBlamed(bool http2)
    {
        HttpProtocols protocols = http2 ? HttpProtocols.Http2 : HttpProtocols.Http1;
        await using Backend one = await Backend.StartAsync(protocols: protocols);
        await using Backend other = await Backend.StartAsync(protocols: protocols);
        await using MeshHost mesh = await MeshHost.StartCatalogAsync([one.Address, other.Address]);

        // More often than it takes to shut an endpoint.
        for (int i = 0; i < 20; i++)
        {
            Exception error = await Assert.ThrowsAnyAsync<Exception>(
                () => mesh.SendToAsync(one.Address, HttpMethod.Post, new StreamContent(new FailingStream()), http2: http2));
            Assert.IsNotType<MeshException>(error);
            Assert.IsType<InvalidDataException>(error.GetBaseException());
        }

        Assert.All(mesh.Service().Snapshot.Endpoints, endpoint => Assert.Equal(("available", 0), (endpoint.State, endpoint.Load.Pending)));
    }

    private sealed class FailingStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new InvalidDataException("the caller's own trouble");

        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) =>
            throw new InvalidDataException("the caller's own trouble");
    }
}
