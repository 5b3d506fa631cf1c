using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Mesh.Client.Identity;
using Mesh.Client.Kubernetes.Endpoints;
using Mesh.Client.KubernetesTests.Endpoints;
using Mesh.Client.KubernetesTests.Faults;
using Mesh.Client.Tests.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.KubernetesTests.EndToEnd;

/// <summary>A client with an identity calls a pod that runs a mesh server: TLS both ways, by the name that the pod's objects say.</summary>
public sealed class SecuredPodTests
{
    private const string Web = "web.shop.serviceaccount.identity.linkerd.cluster.local";
    private const string Catalog = "catalog.shop.serviceaccount.identity.linkerd.cluster.local";
    private const string Own = "catalog.shop.mesh.example";

    private readonly TestCa _ca = new();

    [Theory]
    [InlineData("linkerd", Catalog)]
    [InlineData("pod", Own)]
    [InlineData("service", Own)]
    public async Task A_pod_is_called_by_the_identity_that_its_objects_say(string who, string identity)
    {
        await using MeshServer server = await MeshServer.StartAsync(Credentials(identity), MeshIdentityMode.Strict);
        await using Cluster cluster = await StartAsync(who, server);

        Assert.Contains($"{Web} tls", await AskAsync(cluster), StringComparison.Ordinal);
        Assert.Equal(1, server.Handshakes("verified"));
    }

    [Theory]
    [InlineData("linkerd")]
    [InlineData("pod")]
    [InlineData("service")]
    public async Task A_server_of_another_name_is_not_called(string who)
    {
        await using MeshServer server = await MeshServer.StartAsync(Credentials("other.shop.mesh.example"), MeshIdentityMode.Strict);
        await using Cluster cluster = await StartAsync(who, server);

        MeshException exception = await Assert.ThrowsAsync<MeshException>(() => AskAsync(cluster));
        Assert.Contains(who == "linkerd" ? Catalog : Own, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pod_whose_label_comes_later_is_called_by_its_identity_from_then_on()
    {
        await using MeshServer server = await MeshServer.StartAsync(Credentials(Catalog));
        await using Cluster cluster = await StartAsync("nobody", server);
        Assert.Contains("plain", await AskAsync(cluster), StringComparison.Ordinal);

        cluster.Server.Set(ResourceTypes.Pods, Linkerds());
        await Eventually.TrueAsync(async () => (await AskAsync(cluster)).Contains($"{Web} tls", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pod_that_may_not_be_read_is_not_called()
    {
        await using MeshServer server = await MeshServer.StartAsync(Credentials(Catalog));
        await using Cluster cluster = await StartAsync(
            "linkerd", server, cluster => cluster.Server.OnCall = call => call.Plural == "pods" ? Fault.Forbidden() : null);

        MeshException exception = await Assert.ThrowsAsync<MeshException>(() => AskAsync(cluster));
        Assert.Equal(MeshFailure.NoEndpoint, exception.Reason);
        Assert.Contains(
            "is a pod whose identity is not known, since the verb 'list' or 'watch' on pods in namespace shop is missing, "
            + "and is not called",
            exception.Message,
            StringComparison.Ordinal);
        Assert.Equal(0, server.Handshakes("verified"));
    }

    private Task<Cluster> StartAsync(string who, MeshServer server, Action<Cluster>? prepare = null) => Cluster.StartAsync(
        cluster =>
        {
            V1Service service = Given.Service();
            cluster.Server.Set(ResourceTypes.Services, who == "service" ? service.Annotated(MeshAnnotations.Identity, Own) : service);
            cluster.Server.Set(ResourceTypes.Pods, who switch
            {
                "linkerd" => Linkerds(),
                "pod" => Given.Pod("catalog-1", annotations: [(MeshAnnotations.Identity, "{serviceaccount}.{namespace}.mesh.example")]),
                _ => Given.Pod("catalog-1"),
            });
            cluster.Server.Set(
                ResourceTypes.Slices,
                Given.Slice("catalog-1", [Given.SlicePort(server.Port)], [Given.Endpoint("127.0.0.1", ready: true).At(pod: "catalog-1")]));
            prepare?.Invoke(cluster);
        },
        clock: null,
        services => services.AddSingleton(new CredentialStore(_ => Credentials(Web), MeshIdentityMode.Permissive, TimeProvider.System)));

    private static V1Pod Linkerds() => Given.Pod("catalog-1", labels: [(LinkerdMesh.Label, "linkerd")]);

    private ManualCredentials Credentials(string identity) => new(_ca.Issue(identity), _ca.Trust);

    private static Task<string> AskAsync(Cluster cluster) =>
        cluster.Client.GetStringAsync("http://catalog/", TestContext.Current.CancellationToken);
}
