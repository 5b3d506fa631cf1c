using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.InteropTests.Hosting;

namespace Mesh.Client.InteropTests;

/// <summary>A GRPCRoute between servers that speak gRPC, on a port whose <c>appProtocol</c> is <c>kubernetes.io/h2c</c>.</summary>
public sealed class GrpcRouteTests
{
    private const int Calls = 400;

    [Fact]
    public async Task Calls_go_by_method_header_and_weight()
    {
        await using TestNamespace ns = await TestNamespace.CreateAsync();
        await using Kubelet kubelet = await Kubelet.StartAsync(ns);
        foreach (string app in new[] { "web", "canary" })
        {
            await ns.ServiceAsync(app);
            await ns.ApplyAsync(Workload.Pod(app, app));
        }

        await ns.GatewayApiAsync();
        await using MeshApp mesh = await MeshApp.StartAsync(ns.Name);
        using GrpcChannel channel = mesh.Channels.CreateChannel("web:81");
        var probe = new Probe.ProbeClient(channel);
        await Eventually.TrueAsync(async () => await WhoAsync() == "web");
        await ns.ApplyAsync(Workload.Route("grpc", "web, port: 81", """
            [ { matches: [ { method: { service: mesh.test.Probe, method: Who }, headers: [ { name: x-user, value: tester } ] } ],
                backendRefs: [ { name: canary, port: 81 } ] },
              { matches: [ { method: { service: mesh.test.Probe, method: Who } } ],
                backendRefs: [ { name: web, port: 81, weight: 75 }, { name: canary, port: 81, weight: 25 } ] },
              { matches: [ { method: { service: mesh.test.Probe, method: Download } } ],
                backendRefs: [ { name: missing, port: 81 } ] } ]
            """.ReplaceLineEndings(" "), "GRPCRoute"));
        long started = TimeProvider.System.GetTimestamp();
        await Eventually.TrueAsync(async () => await WhoAsync("tester") == "canary");
        TimeSpan seen = TimeProvider.System.GetElapsedTime(started);
        int canary = 0;
        for (int i = 0; i < Calls; i++)
        {
            canary += await WhoAsync() == "canary" ? 1 : 0;
            Assert.Equal("canary", await WhoAsync("tester"));
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"the route held after {seen.TotalMilliseconds:0} ms; 75 to 25: web {Calls - canary}, canary {canary}");
        Assert.InRange(canary, 60, 140);
        Assert.Equal(StatusCode.Unavailable, await StatusAsync(() => DownloadAsync(probe)));
        Assert.Equal(StatusCode.Unimplemented, await StatusAsync(() => UploadAsync(probe)));

        // The route is the port's: by another port of the same pods nothing is divided.
        Assert.Equal(["web"], (await mesh.AskAsync("http://web/who", 20)).Keys);
        await ns.KubectlAsync("delete", "grpcroute", "grpc");
        await Eventually.TrueAsync(async () => await WhoAsync("tester") == "web");
        Assert.Equal("web 3", await UploadAsync(probe));
        Assert.Equal("web", await DownloadAsync(probe));

        async Task<string> WhoAsync(string user = "ada")
        {
            ProbeReply reply = await probe.WhoAsync(
                new ProbeRequest(), new Metadata { { "x-user", user } }, cancellationToken: TestContext.Current.CancellationToken);
            return reply.Name;
        }
    }

    private static async Task<string> UploadAsync(Probe.ProbeClient probe)
    {
        using AsyncClientStreamingCall<ProbeRequest, ProbeReply> call =
            probe.Upload(cancellationToken: TestContext.Current.CancellationToken);
        for (int i = 0; i < 3; i++)
        {
            await call.RequestStream.WriteAsync(new ProbeRequest(), TestContext.Current.CancellationToken);
        }

        await call.RequestStream.CompleteAsync();
        ProbeReply reply = await call;
        return $"{reply.Name} {reply.Key}";
    }

    private static async Task<string> DownloadAsync(Probe.ProbeClient probe)
    {
        using AsyncServerStreamingCall<ProbeReply> call =
            probe.Download(new ProbeRequest { Count = 3 }, cancellationToken: TestContext.Current.CancellationToken);
        HashSet<string> names = [];
        await foreach (ProbeReply reply in call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            names.Add(reply.Name);
        }

        return Assert.Single(names);
    }

    private static async Task<StatusCode> StatusAsync(Func<Task> call) => (await Assert.ThrowsAsync<RpcException>(call)).StatusCode;
}
