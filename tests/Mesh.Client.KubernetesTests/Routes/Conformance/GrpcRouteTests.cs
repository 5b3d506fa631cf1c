using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.KubernetesTests.Routes.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.KubernetesTests.Routes.Conformance;

/// <summary>GRPCRoutes: methods, weights, changed headers, and what a call comes to that has nowhere to go.</summary>
public sealed class GrpcRouteTests
{
    private const int Calls = 300;

    [Theory]
    [InlineData("method: { service: mesh.test.Probe, method: Who }", "echo-v1")]
    [InlineData("method: { service: mesh.test.Probe }", "echo-v1")]
    [InlineData("method: { type: RegularExpression, service: 'mesh[.].*', method: 'W.o' }", "echo-v1")]
    [InlineData("method: { service: mesh.test.Probe, method: Upload }", "echo-v2")]
    [InlineData("headers: [ { name: x-user, value: me } ]", "echo-v1")]
    [InlineData("headers: [ { name: x-user, value: you } ]", "echo-v2")]
    public async Task A_call_takes_its_match(string match, string service)
    {
        await using RoutedCluster cluster = await StartAsync($$"""
            - matches: [ { {{match}} } ]
              backendRefs: [ { name: echo-v1, port: 80 } ]
            - backendRefs: [ { name: echo-v2, port: 80 } ]
            """);

        Assert.Equal(service, await AskAsync(cluster.Mesh));
    }

    [Fact]
    public async Task Calls_are_divided_by_weight_and_have_changed_headers()
    {
        await using RoutedCluster cluster = await StartAsync("""
            - filters: [ { type: RequestHeaderModifier, requestHeaderModifier: { set: [ { name: x-user, value: changed } ] } } ]
              backendRefs: [ { name: echo-v1, port: 80, weight: 70 }, { name: echo-v2, port: 80, weight: 30 } ]
            """);
        var answers = new string[Calls];
        for (int i = 0; i < Calls; i++)
        {
            answers[i] = await AskAsync(cluster.Mesh, "changed");
        }

        Assert.InRange(answers.Count(service => service == "echo-v2"), Calls * 0.15, Calls * 0.45);
    }

    [Fact]
    public async Task Nowhere_to_go_is_unavailable_and_no_match_unimplemented()
    {
        await using RoutedCluster cluster = await StartAsync("""
            - matches: [ { method: { service: mesh.test.Probe, method: Who } } ]
              backendRefs: [ { name: gone, port: 80 } ]
            """);

        using GrpcChannel channel = cluster.Mesh.Channels.CreateChannel("echo");
        var probe = new Probe.ProbeClient(channel);
        RpcException gone = await Assert.ThrowsAsync<RpcException>(async () => await probe.WhoAsync(
            new ProbeRequest(), cancellationToken: TestContext.Current.CancellationToken));
        RpcException none = await Assert.ThrowsAsync<RpcException>(
            async () => await probe.Upload(cancellationToken: TestContext.Current.CancellationToken).ResponseAsync);

        Assert.Equal((StatusCode.Unavailable, StatusCode.Unimplemented), (gone.StatusCode, none.StatusCode));
    }

    private static Task<RoutedCluster> StartAsync(string rules) => RoutedCluster.StartAsync(
        $"{Echo.Services}\n---\n{Echo.Route(rules).Replace("HTTPRoute", "GRPCRoute", StringComparison.Ordinal)}",
        Echo.Space,
        HttpProtocols.Http2);

    /// <summary>Which service answers a call of the user <c>me</c>.</summary>
    private static async Task<string> AskAsync(MeshHost mesh, string user = "me")
    {
        using GrpcChannel channel = mesh.Channels.CreateChannel("echo");
        using AsyncUnaryCall<ProbeReply> call = new Probe.ProbeClient(channel).WhoAsync(
            new ProbeRequest(), new Metadata { { "x-user", "me" } }, cancellationToken: TestContext.Current.CancellationToken);
        Metadata headers = await call.ResponseHeadersAsync;
        await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);

        // The instances speak no gRPC: they tell what they saw.
        Assert.Equal(user, headers.GetValue("saw-x-user"));
        return headers.GetValue("x-service")!;
    }
}
