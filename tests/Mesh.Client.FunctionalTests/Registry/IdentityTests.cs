using Grpc.Core;
using Mesh.Client.AspNetCore.Authorization;
using Mesh.Client.AspNetCore.SelfRegistration;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Security;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Identity;
using Mesh.Client.Model;
using Mesh.Client.Registry.Protocol;
using Mesh.Client.Tests.Identity;
using Mesh.Client.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Mesh.Client.FunctionalTests.Registry;

/// <summary>Registration over mutual TLS: who may say what.</summary>
public sealed class IdentityTests
{
    private const string ControlPlane = "control-plane.mesh.serviceaccount.identity.linkerd.cluster.local";
    private const string Stranger = "catalog.other.serviceaccount.identity.linkerd.cluster.local";

    // The host's certificates come from the test; without any source the rules want no identity of a control plane.
    private static readonly MeshSettings Secured = new()
    {
        ["ControlPlane:Identity"] = ControlPlane,
        ["Identity:Source"] = "Spiffe",
        ["Identity:Socket"] = "unix:///not-there",
    };

    private readonly TestCa _ca = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http", Framing.MeshTls)]
    [InlineData("https", Framing.Https)]
    public async Task Server_RegistersOverMutualTls_AndIsCalled(string scheme, Framing framing)
    {
        await using MeshServer controlPlane = await StartControlPlaneAsync();
        await using MeshServer catalog = await StartInstanceAsync(controlPlane, SecureMesh.Catalog, url: $"{scheme}://127.0.0.1:0");
        await using MeshHost client = await StartClientAsync(controlPlane);

        string body = await client.Client().GetStringAsync(new Uri("http://catalog.shop/"), Stop);

        Assert.StartsWith($"https HTTP/1.1 {SecureMesh.Web} tls", body, StringComparison.Ordinal);
        EndpointTransport transport = Assert.Single(client.Snapshot()!.Set.Endpoints).Transport;
        Assert.Equal((framing, SecureMesh.Catalog), (transport.Framing, transport.Peer!.Identity.Name));
        Assert.Empty(controlPlane.Warnings());
    }

    [Fact]
    public async Task Server_RegistersOverMutualTls_WithTheReplicasBehindAName()
    {
        await using MeshServer controlPlane = await StartControlPlaneAsync();
        var names = new ReplicaNames { Addresses = [ReplicaNames.Second, ReplicaNames.First] };
        await using MeshServer catalog = await StartInstanceAsync(controlPlane, names);

        await Eventually.TrueAsync(() => Logged(catalog, "Registered").Length == 1 && Logged(catalog, "RegistrationLost").Length == 1);

        Assert.EndsWith($"{controlPlane.Port} at 127.0.0.1.", Logged(catalog, "Registered")[0], StringComparison.Ordinal);
        Assert.Contains(
            $"{controlPlane.Port} at 127.0.0.2 does not hold", Logged(catalog, "RegistrationLost")[0], StringComparison.Ordinal);
    }

    /// <summary>As before the control plane's certificate ends.</summary>
    [Fact]
    public async Task ConnectionIsRenewed_AndTheServiceIsNeverWithoutTheInstance()
    {
        await using MeshServer controlPlane = await StartControlPlaneAsync();
        await using MeshServer catalog = await StartInstanceAsync(controlPlane, SecureMesh.Catalog);
        await Eventually.TrueAsync(() => Logged(catalog, "Registered").Length == 1);
        TlsStream first = Assert.Single(catalog.Services.GetRequiredService<TlsConnections>().Open);

        Assert.IsType<ControlPlaneTls>(first.Owner).Renew();

        await Eventually.TrueAsync(() => Logged(controlPlane, "InstanceGone").Length == 1);
        Assert.EndsWith(": replaced.", Logged(controlPlane, "InstanceGone")[0], StringComparison.Ordinal);
        Assert.Equal(2, Logged(controlPlane, "InstanceRegistered").Length);
        Assert.Empty(catalog.Warnings());
        await Eventually.TrueAsync(() => catalog.Services.GetRequiredService<TlsConnections>().Open.All(next => next != first));
    }

    [Fact]
    public async Task ConnectionIsRenewed_OnlyForAnAddressThatIsNamed()
    {
        await using MeshServer controlPlane = await StartControlPlaneAsync();
        var names = new ReplicaNames { Addresses = [ReplicaNames.First] };
        await using MeshServer catalog = await StartInstanceAsync(controlPlane, names);
        await Eventually.TrueAsync(() => Logged(catalog, "Registered").Length == 1);
        TlsStream first = Assert.Single(catalog.Services.GetRequiredService<TlsConnections>().Open);
        names.Addresses = [ReplicaNames.Second];
        await LookAsync(names);

        Assert.IsType<ControlPlaneTls>(first.Owner).Renew();

        await LookAsync(names);
        Assert.Single(Logged(controlPlane, "InstanceRegistered"));
        Assert.Equal(1, Registrations(catalog).Registered);
        names.Addresses = [ReplicaNames.First];
        await Eventually.TrueAsync(() => Logged(controlPlane, "InstanceRegistered").Length == 2);
    }

    [Fact]
    public async Task NextStream_IsRefused_AndWhatIsOpenCountsOn()
    {
        await using MeshServer controlPlane = await StartControlPlaneAsync(
            new() { ["ControlPlaneLimits:Registrations"] = "2" }, "http://0.0.0.0:0");
        var names = new ReplicaNames();
        await using MeshServer catalog = await StartInstanceAsync(controlPlane, names);
        await Eventually.TrueAsync(() => Registrations(catalog) is { Replicas: 1, Registered: 1 });
        await using MeshServer another = await RegistryHost.StartInstanceAsync(
            controlPlane.Port, "catalog.shop", "catalog-2", _ca.Issue(SecureMesh.Catalog, _ca), Secured);
        await Eventually.TrueAsync(() => Logged(controlPlane, "InstanceRegistered").Length == 2);
        TlsStream first = Assert.Single(catalog.Services.GetRequiredService<TlsConnections>().Open);

        Assert.IsType<ControlPlaneTls>(first.Owner).Renew();

        Assert.Contains("2 registrations are held", await RefusalAsync(catalog), StringComparison.Ordinal);
        await LookAsync(names);
        ReplicaRegistrations own = Registrations(catalog);
        Assert.Equal(("registered", 1, 1), (own.State, own.Registered, own.Replicas));
        Assert.Equal(2, Logged(controlPlane, "InstanceRegistered").Length);
    }

    [Fact]
    public async Task AnothersIdentity_IsRefused()
    {
        await using MeshServer controlPlane = await StartControlPlaneAsync();
        await using MeshHost host = await StartClientAsync(controlPlane);
        Registration registration = RawInstance.Valid();
        (registration.Service, registration.Identity) = ("catalog.shop", SecureMesh.Catalog);
        using var instance = new RawInstance(host.Services.GetRequiredService<ControlPlanes>().Open(
            new Uri($"http://127.0.0.1:{controlPlane.Port}"),
            TestCa.Id(ControlPlane),
            host.Services.GetRequiredService<CredentialStore>()));

        await instance.SendAsync(new RegisterRequest { Registration = registration });

        Status status = await instance.EndAsync();
        Assert.Equal(
            (StatusCode.PermissionDenied, $"registration.identity: {SecureMesh.Catalog} is not the caller's own, {SecureMesh.Web}"),
            (status.StatusCode, status.Detail));
    }

    [Fact]
    public async Task AnotherNamespacesService_IsRefused_AndTheLogSaysWhatAllowsIt()
    {
        await using MeshServer controlPlane = await StartControlPlaneAsync();
        await using MeshServer server = await StartInstanceAsync(controlPlane, Stranger);

        Assert.Contains(
            $"registration.service: {Stranger} is of namespace other, and catalog.shop.svc.cluster.local of shop; "
                + "Mesh:Registry:Services:<name>:Identities of the control plane allows that",
            await RefusalAsync(server),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Stranger, null)]
    [InlineData("*.other.serviceaccount.identity.linkerd.cluster.local", null)]
    [InlineData("*", null)]
    [InlineData(
        SecureMesh.Catalog,
        $"registration.service: {Stranger} may not register for catalog.shop.svc.cluster.local, "
            + "by the control plane's Mesh:Registry:Services")]
    public async Task Rule_SaysWhoMayRegister(string allowed, string? refusal)
    {
        await using MeshServer controlPlane = await StartControlPlaneAsync(
            new() { ["Registry:Services:catalog.shop:Identities:0"] = allowed });
        await using MeshServer server = await StartInstanceAsync(controlPlane, Stranger);

        if (refusal is null)
        {
            await Eventually.TrueAsync(() => Logged(server, "Registered").Length == 1);
            Assert.Empty(controlPlane.Warnings());
        }
        else
        {
            Assert.Contains(refusal, await RefusalAsync(server), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Rule_RefusesCallersWithoutAnIdentity()
    {
        await using InProcessServer controlPlane = await RegistryHost.StartControlPlaneAsync(
            settings: new() { ["Registry:Services:catalog:Identities:0"] = "*" });
        using var instance = new RawInstance(controlPlane.Address);
        await instance.SendAsync(new RegisterRequest { Registration = RawInstance.Valid() });

        Status status = await instance.EndAsync();

        Assert.Equal(StatusCode.PermissionDenied, status.StatusCode);
        Assert.StartsWith("registration.service: a caller without a verified identity", status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SecureMesh.Catalog, "shop")]
    [InlineData("spiffe://example.org/ns/shop/sa/catalog", "shop")]
    [InlineData("a.b.shop.serviceaccount.identity.linkerd.cluster.local", "shop")]
    [InlineData("a.other.serviceaccount.identity.x.shop.serviceaccount.identity.linkerd.cluster.local", "shop")]
    [InlineData("Catalog.Shop.ServiceAccount.Identity.linkerd.cluster.local", "shop")]
    [InlineData(".shop.serviceaccount.identity.linkerd.cluster.local", null)]
    [InlineData("catalog..serviceaccount.identity.linkerd.cluster.local", null)]
    [InlineData("spiffe://example.org/ns/sh.op/sa/catalog", null)]
    [InlineData("spiffe://example.org/ns/a%2Fb/sa/catalog", null)]
    [InlineData("spiffe://example.org/catalog", null)]
    [InlineData("catalog.example.com", null)]
    public void Namespace_IsReadFromTheIdentity(string identity, string? expected) =>
        Assert.Equal(expected, IdentityNamespace.Of(identity));

    private static string[] Logged(MeshServer server, string name) =>
        [.. server.Logs.GetSnapshot().Where(record => record.Id.Name == name).Select(record => record.Message)];

    private static async Task<string> RefusalAsync(MeshServer server)
    {
        await Eventually.TrueAsync(() => Logged(server, "RegistrationRefused").Length > 0);
        return Assert.Single(Logged(server, "RegistrationRefused"));
    }

    /// <summary>Waits until what the name leads to now is known, and another look has come after that.</summary>
    private static async Task LookAsync(ReplicaNames names)
    {
        int asked = names.Asked;
        await Eventually.TrueAsync(() => names.Asked > asked + 1);
    }

    private static ReplicaRegistrations Registrations(MeshServer server) =>
        server.Services.GetServices<IHostedService>().OfType<ServerRegistration>().Single().Registrations!;

    private Task<MeshServer> StartInstanceAsync(MeshServer controlPlane, ReplicaNames names) => RegistryHost.StartInstanceAsync(
        controlPlane.Port,
        "catalog.shop",
        "catalog-1",
        _ca.Issue(SecureMesh.Catalog, _ca),
        [.. Secured, ("ControlPlane:Address", ReplicaNames.Address(controlPlane.Port))],
        configure: builder => builder.Services.AddSingleton<IHostResolver>(names));

    private Task<MeshServer> StartControlPlaneAsync(
        MeshSettings? settings = null, string url = "http://127.0.0.1:0") => MeshServer.StartAsync(
        _ca.Issue(ControlPlane, _ca),
        before: builder =>
        {
            ((IConfigurationBuilder)builder.Configuration).Add(new MeshSettings.Source(settings ?? []));
            builder.Services.AddMeshControlPlane(builder.Configuration.GetSection("Mesh"));
        },
        map: app => app.MapMeshControlPlane(),
        url: url);

    private Task<MeshServer> StartInstanceAsync(MeshServer controlPlane, string identity, string url = "http://127.0.0.1:0") =>
        RegistryHost.StartInstanceAsync(
            controlPlane.Port,
            "catalog.shop",
            "catalog-1",
            _ca.Issue(identity, _ca),
            Secured,
            url: url);

    private Task<MeshHost> StartClientAsync(MeshServer controlPlane) => RegistryHost.StartClientAsync(
        controlPlane.Port, _ca.Issue(SecureMesh.Web, _ca), Secured);
}
