using Grpc.Core;
using Mesh.Client.Discovery;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Discovery.Linkerd.Protocol;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Security;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Identity;
using Mesh.Client.Tests.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Registry;

/// <summary>Where a caller of the control plane is: whose consumer routes it has.</summary>
public sealed class CallerNamespaceTests
{
    private const string ControlPlane = "control-plane.mesh.serviceaccount.identity.linkerd.cluster.local";
    private const string Path = "orders.store.svc.cluster.local:80";

    private readonly TestCa _ca = new();
    private readonly CallerSource _source = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SecureMesh.Web, "shop")]
    [InlineData("web.example.com", "claimed")]
    public async Task VerifiedIdentity_IsBelievedOverWhatTheCallerSays(string identity, string expected)
    {
        await using MeshServer controlPlane = await MeshServer.StartAsync(
            _ca.Issue(ControlPlane, _ca),
            before: builder =>
            {
                builder.Services.AddSingleton<IEndpointSource>(_source);
                builder.Services.AddMeshControlPlane(builder.Configuration.GetSection("Mesh"));
            },
            map: app => app.MapMeshControlPlane());
        await using MeshHost host = await RegistryHost.StartClientAsync(
            controlPlane.Port,
            _ca.Issue(identity, _ca),
            new()
            {
                ["ControlPlane:Identity"] = ControlPlane,
                ["Identity:Source"] = "Spiffe",
                ["Identity:Socket"] = "unix:///not-there",
            });
        using ControlPlaneChannel channel = host.Services.GetRequiredService<ControlPlanes>().Open(
            new Uri($"http://127.0.0.1:{controlPlane.Port}"),
            TestCa.Id(ControlPlane),
            host.Services.GetRequiredService<CredentialStore>());

        Assert.Equal([expected, expected, expected], await AskAsync(channel.CreateCallInvoker()));
    }

    [Fact]
    public async Task Nobody_WhoIsVerified_IsBelieved()
    {
        await using InProcessServer controlPlane = await RegistryHost.StartControlPlaneAsync(
            configure: services => services.AddSingleton<IEndpointSource>(_source));
        using var channel = new ControlPlaneChannel(controlPlane.Address);

        Assert.Equal(["claimed", "claimed", "claimed"], await AskAsync(channel.CreateCallInvoker()));
    }

    /// <summary>Asks for endpoints, a profile and a policy, and tells whom the source was asked for.</summary>
    private async Task<string?[]> AskAsync(CallInvoker invoker)
    {
        const string Claim = """{"ns":"claimed","pod":"web-1"}""";
        var destinations = new Destination.DestinationClient(invoker);
        using AsyncServerStreamingCall<Update> endpoints = destinations.Get(
            new GetDestination { Path = Path, ContextToken = Claim }, cancellationToken: Stop);
        Assert.True(await endpoints.ResponseStream.MoveNext(Stop));
        using AsyncServerStreamingCall<DestinationProfile> profile = destinations.GetProfile(
            new GetDestination { Path = Path, ContextToken = Claim }, cancellationToken: Stop);
        Assert.True(await profile.ResponseStream.MoveNext(Stop));
        await new OutboundPolicies.OutboundPoliciesClient(invoker).GetAsync(
            new TrafficSpec { Authority = Path, SourceWorkload = Claim }, cancellationToken: Stop);
        return [.. _source.Callers];
    }
}
