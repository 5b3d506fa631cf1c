using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Mesh.Client.AspNetCore.SelfRegistration;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Registry.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Registry;

/// <summary>A registry that says what it should not.</summary>
public sealed class AbnormalRegistryTests
{
    [Theory]
    [InlineData(2, 0, 2_000)]
    [InlineData(0, 1, 100)]
    [InlineData(9, 500_000_000, 9_500)]
    [InlineData(11, 0, 10_000)]
    [InlineData(0, 0, 10_000)]
    [InlineData(-5, 0, 10_000)]
    [InlineData(0, -1, 10_000)]
    [InlineData(1, 2_000_000_000, 10_000)]
    [InlineData(long.MaxValue, 0, 10_000)]
    [InlineData(long.MinValue, int.MinValue, 10_000)]
    public void HeartbeatInterval_IsWithinReason(long seconds, int nanos, int expected) => Assert.Equal(
        TimeSpan.FromMilliseconds(expected), HeartbeatInterval.Read(new Duration { Seconds = seconds, Nanos = nanos }));

    [Fact]
    public async Task AbnormalInterval_DoesNotEndTheRegistration()
    {
        await using InProcessServer registry = await InProcessServer.StartAsync(
            services => services.AddGrpc(), app => app.MapGrpcService<Abnormal>());
        await using MeshServer server = await RegistryHost.StartInstanceAsync(registry.Address.Port, "catalog", "catalog-1");

        await Eventually.TrueAsync(() => server.Logs.GetSnapshot().Any(record => record.Id.Name == "Registered"));
        Assert.Empty(server.Warnings());
    }

    private sealed class Abnormal : Mesh.Client.Registry.Protocol.Registry.RegistryBase
    {
        public override async Task Register(
            IAsyncStreamReader<RegisterRequest> requestStream,
            IServerStreamWriter<RegisterResponse> responseStream,
            ServerCallContext context)
        {
            Assert.True(await requestStream.MoveNext(context.CancellationToken));
            await responseStream.WriteAsync(
                new RegisterResponse { Registered = new() { HeartbeatInterval = new Duration { Seconds = long.MinValue } } },
                context.CancellationToken);
            while (await requestStream.MoveNext(context.CancellationToken))
            {
            }
        }
    }
}
