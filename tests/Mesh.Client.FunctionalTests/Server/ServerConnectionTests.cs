using Mesh.Client.AspNetCore.Server;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Server;

public sealed class ServerConnectionTests
{
    // The timer of a connection may fire between Kestrel's end of its TLS and ours: an exception there would end the process.
    [Fact]
    public void CloseAt_TlsIsDisposedWhenItIsTime_DoesNotThrow()
    {
        var time = new FakeTimeProvider();
        var context = new DefaultConnectionContext();
        context.Features.Set<ITlsApplicationProtocolFeature>(new DisposedTls());
        using var connection = new ServerConnection(context, time);
        connection.CloseAt(time.GetUtcNow().AddSeconds(1));

        time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(connection.IsClosing);
        Assert.False(connection.IsLeftToClient);
    }

    private sealed class DisposedTls : ITlsApplicationProtocolFeature
    {
        public ReadOnlyMemory<byte> ApplicationProtocol => throw new ObjectDisposedException("SslStream");
    }
}
