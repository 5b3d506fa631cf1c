using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.Discovery;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model;
using Mesh.Client.Tests.Discovery;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Grpc;

public sealed class ChannelFactoryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("greeter")]
    [InlineData("Greeter.default")]
    [InlineData("greeter.default.svc.cluster.local")]
    [InlineData("greeter:5000")]
    [InlineData("http://greeter")]
    [InlineData("http://greeter:5000/")]
    public async Task CreateChannel_Name_Calls(string name)
    {
        await using InProcessServer server = await InProcessServer.GrpcAsync(new ProbeService("greeter-1"));
        await using MeshHost host = await MeshHost.StartAsync(MeshHost.Endpoints("greeter", server.Address));
        using GrpcChannel channel = host.Channels.CreateChannel(name);

        Assert.Equal("greeter-1", (await WhoAsync(channel)).Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("gree ter")]
    [InlineData("greeter/path")]
    [InlineData("greeter?query")]
    [InlineData("greeter#fragment")]
    [InlineData("user@greeter")]
    [InlineData("greeter:99999")]
    [InlineData("ftp://greeter")]
    [InlineData("://")]
    public async Task CreateChannel_BadName_IsRefused(string name)
    {
        await using MeshHost host = await MeshHost.StartAsync([]);

        ArgumentException error = Assert.ThrowsAny<ArgumentException>(() => host.Channels.CreateChannel(name));

        Assert.Equal("service", error.ParamName);
    }

    [Fact]
    public async Task CreateChannel_Https_IsNotSecured()
    {
        await using InProcessServer server = await InProcessServer.GrpcAsync(new ProbeService("greeter-1"));
        await using MeshHost host = await MeshHost.StartAsync(MeshHost.Endpoints("greeter", server.Address));
        using GrpcChannel channel = host.Channels.CreateChannel("https://greeter");

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => WhoAsync(channel));

        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.Contains("greeter.default.svc.cluster.local:443: the call is https://", error.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("without TLS", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CreateChannel_Several_ShareConnectionsAndSurviveEachOther()
    {
        var probe = new ProbeService("greeter-1");
        await using InProcessServer server = await InProcessServer.GrpcAsync(probe);
        await using MeshHost host = await MeshHost.StartAsync(MeshHost.Endpoints("greeter", server.Address));
        GrpcChannel first = host.Channels.CreateChannel("greeter");
        using GrpcChannel second = host.Channels.CreateChannel("greeter");
        await WhoAsync(first);
        await WhoAsync(second);

        first.Dispose();
        await WhoAsync(second);
        using GrpcChannel third = host.Channels.CreateChannel("greeter");
        await WhoAsync(third);

        Assert.NotSame(first, second);
        Assert.Equal(4, probe.Connections.Count);
        Assert.Single(probe.Connections.Distinct());
    }

    [Fact]
    public async Task CreateChannel_Configure_IsApplied()
    {
        await using InProcessServer server = await InProcessServer.GrpcAsync(new ProbeService("greeter-1"));
        await using MeshHost host = await MeshHost.StartAsync(MeshHost.Endpoints("greeter", server.Address));
        using GrpcChannel channel = host.Channels.CreateChannel("greeter", options => options.MaxReceiveMessageSize = 1);

        Assert.Equal(StatusCode.ResourceExhausted, (await Assert.ThrowsAsync<RpcException>(() => WhoAsync(channel))).StatusCode);
    }

    [Fact]
    public async Task CreateChannel_UnknownService_IsUnavailable()
    {
        await using MeshHost host = await MeshHost.StartAsync([]);
        using GrpcChannel channel = host.Channels.CreateChannel("greeter");

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => WhoAsync(channel));

        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.Contains("greeter.default.svc.cluster.local:80: unknown service", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CreateChannel_IllegalName_IsUnavailable()
    {
        await using MeshHost host = await MeshHost.StartAsync([]);
        using GrpcChannel channel = host.Channels.CreateChannel("no_name");

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => WhoAsync(channel));

        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.Contains("illegal character '_'", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_NoEndpointReached_IsUnavailableAndTellsWhy()
    {
        Uri dead = DeadPort.TakeUri();
        await using MeshHost host = await MeshHost.StartAsync(MeshHost.Endpoints("greeter", dead));
        using GrpcChannel channel = host.Channels.CreateChannel("greeter");

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => WhoAsync(channel));

        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.Contains($"{dead.Authority} is out of reach", error.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("Connection refused", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_GrpcRetriesBeyondTheBudget_IsResourceExhausted()
    {
        await using InProcessServer server = await InProcessServer.GrpcAsync(new ProbeService("greeter-1"));
        await using MeshHost host = await MeshHost.StartAsync(
            [
                .. MeshHost.Endpoints("greeter", server.Address),
                ("Defaults:Retry:Budget:MinPerSecond", "0"),
                ("Defaults:Retry:Budget:Ratio", "0"),
            ]);
        using GrpcChannel channel = host.Channels.CreateChannel("greeter");

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => new Probe.ProbeClient(channel)
            .WhoAsync(new ProbeRequest(), new Metadata { { "grpc-previous-rpc-attempts", "1" } }, cancellationToken: Cancel).ResponseAsync);

        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
        Assert.Contains("retry budget is spent", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_SourceRefusesTheName_IsUnavailable()
    {
        await using MeshHost host = await MeshHost.StartAsync(
            [], services => services.AddSingleton<IEndpointSource>(new ManualSource().Set(EndpointSet.Refused("an external name"))));
        using GrpcChannel channel = host.Channels.CreateChannel("greeter");

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => WhoAsync(channel));

        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.Contains("an external name", error.Status.Detail, StringComparison.Ordinal);
    }

    private static async Task<ProbeReply> WhoAsync(GrpcChannel channel) =>
        await new Probe.ProbeClient(channel).WhoAsync(new ProbeRequest(), cancellationToken: Cancel);
}
