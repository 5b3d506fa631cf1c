using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Registry;
using Mesh.Client.FunctionalTests.Security;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Identity;
using Mesh.Client.Tests.Identity;
using Mesh.Client.Transport;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Streaming;

/// <summary>
/// A connection whose other end is silent for good and does not close: pings find it. In the short form they are sent every second; the
/// long form has the defaults, by which it is found within 13 s.
/// </summary>
public sealed class HalfDeadTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly TestCa _ca = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OpenStream_IsUnavailableAndTheNextCallGoesElsewhere(bool tls)
    {
        await using MeshServer server = await MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca));
        await using var relay = new StallingRelay(server.Port);
        await using MeshHost mesh = await StartAsync(tls, relay.Port, server.Port);
        using GrpcChannel channel = mesh.Channel();
        var probe = new Probe.ProbeClient(channel);
        CallOptions options = new CallOptions(cancellationToken: Cancellation).WithMeshHashKey(mesh.KeyOf($"127.0.0.1:{relay.Port}"));
        using AsyncDuplexStreamingCall<ProbeRequest, ProbeReply> call = probe.Chat(options);
        await call.RequestStream.WriteAsync(new ProbeRequest(), Cancellation);
        Assert.True(await call.ResponseStream.MoveNext(Cancellation));

        relay.Stall();
        long stalled = Stopwatch.GetTimestamp();
        RpcException error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Cancellation));

        Assert.True(error.StatusCode is StatusCode.Unavailable, $"{error}");
        Assert.True(Stopwatch.GetElapsedTime(stalled) < Limit, $"{Stopwatch.GetElapsedTime(stalled)}");
        await mesh.IdleAsync();

        // A connection to the relay can be made, and says nothing again; a call with that key would find out the same way.
        Assert.Equal("a", (await probe.WhoAsync(
            new ProbeRequest { Key = "a" },
            new CallOptions(cancellationToken: Cancellation).WithMeshHashKey(mesh.KeyOf($"127.0.0.1:{server.Port}")))).Key);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task IdleConnection_IsClosedBeforeACallTakesIt(bool tls)
    {
        await using MeshServer server = await MeshServer.StartAsync(_ca.Issue(SecureMesh.Catalog, _ca));
        await using var relay = new StallingRelay(server.Port);
        await using MeshHost mesh = await StartAsync(tls, relay.Port);
        using (HttpResponseMessage response = await mesh.GetFromAsync(relay.Port))
        {
            await response.Content.ReadAsStringAsync(Cancellation);
        }

        Assert.Equal(1, relay.Open);
        relay.Stall();

        long stalled = Stopwatch.GetTimestamp();
        await Eventually.TrueAsync(() => relay.Open == 0);
        Assert.True(Stopwatch.GetElapsedTime(stalled) < Limit, $"{Stopwatch.GetElapsedTime(stalled)}");
    }

    private Task<MeshHost> StartAsync(bool tls, params int[] ports) => MeshHost.StartCatalogAsync(
        [],
        catalog => catalog.Endpoints = [.. ports.Select(port => SecureMesh.At(port, tls ? SecureMesh.Catalog : null))],
        configure: services =>
        {
            if (tls)
            {
                ManualCredentials credentials = _ca.Issue(SecureMesh.Web, _ca);
                services.AddSingleton(new CredentialStore(_ => credentials, MeshIdentityMode.Permissive, TimeProvider.System));
            }

            if (!LongRun.IsOn)
            {
                services.AddSingleton<IEndpointHandlerFactory>(provider => new SocketEndpointHandlerFactory(
                    TimeProvider.System, provider.GetRequiredService<CredentialStore>(), provider.GetRequiredService<TlsConnections>())
                {
                    PingInterval = TimeSpan.FromSeconds(1),
                    PingTimeout = TimeSpan.FromSeconds(1),
                });
            }
        });
}
