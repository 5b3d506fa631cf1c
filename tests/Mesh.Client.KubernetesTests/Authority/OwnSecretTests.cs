using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.AspNetCore;
using Mesh.Client.KubernetesTests.Faults;

namespace Mesh.Client.KubernetesTests.Authority;

/// <summary>The Secret that we made, after others have had their hands on it.</summary>
public sealed class OwnSecretTests
{
    private static readonly TimeSpan HalfOfItsLife = TimeSpan.FromDays(3.6);

    [Fact]
    public async Task A_rotation_keeps_what_others_wrote_on_it()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        ShiftedClock clock = new();
        await using Replica replica = await Replica.StartAsync(api.Configuration, clock);
        await replica.LoadedAsync();
        V1Secret secret = Secret(api);
        secret.Type = "Opaque";
        secret.Metadata.Labels = new Dictionary<string, string> { ["team"] = "platform" };
        secret.Metadata.Annotations["note"] = "keep";
        secret.Metadata.OwnerReferences = [new V1OwnerReference { ApiVersion = "apps/v1", Kind = "Deployment", Name = "mesh", Uid = "1" }];
        api.Set(ClusterObjects.Secrets, secret);
        string before = api.Issuer();

        clock.Forward(HalfOfItsLife);
        replica.Poke();
        await Eventually.TrueAsync(() => api.Issuer() != before);

        V1Secret after = Secret(api);
        Assert.Equal("Opaque", after.Type);
        Assert.Equal("platform", after.Metadata.Labels?["team"]);
        Assert.Equal("keep", after.Metadata.Annotations["note"]);
        Assert.Equal("mesh/mesh-control-plane", after.Metadata.Annotations["mesh.client/made-by"]);
        Assert.Equal("1", Assert.Single(after.Metadata.OwnerReferences ?? []).Uid);
    }

    [Fact]
    public async Task One_of_cert_manager_is_not_ours_even_with_our_mark()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        ShiftedClock clock = new();
        await using Replica replica = await Replica.StartAsync(api.Configuration, clock);
        await replica.LoadedAsync();
        V1Secret secret = Secret(api);
        secret.Metadata.Annotations["cert-manager.io/certificate-name"] = "issuer";
        api.Set(ClusterObjects.Secrets, secret);
        await replica.PassAsync();
        int writes = api.Writes("secrets");

        clock.Forward(HalfOfItsLife);
        await replica.PassAsync();
        await replica.PassAsync();

        Assert.Equal(writes, api.Writes("secrets"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_cannot_sign_any_more_is_made_good(bool hasRoot)
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        string anchors;
        await using (Replica maker = await Replica.StartAsync(api.Configuration))
        {
            await maker.LoadedAsync();
            await api.HasAnchorsAsync("mesh");
            anchors = api.Anchors("mesh")!;
        }

        V1Secret secret = Secret(api);
        secret.Data["tls.key"] = "garbage"u8.ToArray();
        secret.Data["root.key"] = hasRoot ? secret.Data["root.key"] : "garbage"u8.ToArray();
        api.Set(ClusterObjects.Secrets, secret);
        await using Replica replica = await Replica.StartAsync(
            api.Configuration, null, ("Authority:Kubernetes:AnchorLead", "00:00:00"));
        await replica.LoadedAsync();

        // The last root stays trusted: what it has signed lives.
        await Eventually.TrueAsync(async () => (await replica.CertifyAsync()).Problem(api.Anchors("mesh")!) is null);
        Assert.Contains(anchors, api.Anchors("mesh"), StringComparison.Ordinal);
        Assert.Equal(hasRoot, api.Anchors("mesh") == anchors);
        Assert.Single(replica.Logs, record => record.Id.Name == "IssuerRepaired");
    }

    [Fact]
    public async Task What_can_sign_still_and_cannot_be_renewed_is_told_once_and_left()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        await using (Replica maker = await Replica.StartAsync(api.Configuration))
        {
            await maker.LoadedAsync();
        }

        V1Secret secret = Secret(api);
        secret.Data.Remove("ca.crt");
        api.Set(ClusterObjects.Secrets, secret);
        int writes = api.Writes("secrets");
        await using Replica replica = await Replica.StartAsync(api.Configuration);
        await Eventually.TrueAsync(() => replica.Authority.State.Problem is not null);

        for (int i = 0; i < 3; i++)
        {
            await replica.PassAsync();
        }

        Assert.Contains("Restore it, or delete it", replica.Authority.State.Problem, StringComparison.Ordinal);
        Assert.Single(replica.Logs, record => record.Id.Name == "IssuerRefused");
        Assert.Equal(writes, api.Writes("secrets"));
    }

    [Fact]
    public async Task One_that_signs_and_cannot_be_renewed_is_told_of_once()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        ShiftedClock clock = new();
        await using Replica replica = await Replica.StartAsync(api.Configuration, clock);
        await replica.LoadedAsync();
        V1Secret secret = Secret(api);
        secret.Data.Remove("root.key");
        api.Set(ClusterObjects.Secrets, secret);
        clock.Forward(HalfOfItsLife);

        for (int i = 0; i < 4; i++)
        {
            await replica.PassAsync();
        }

        Assert.Single(replica.Logs, record => record.Id.Name == "IssuerRefused");
        Assert.Contains("it cannot be renewed", replica.Authority.State.Problem, StringComparison.Ordinal);
    }

    private static V1Secret Secret(FaultServer api) => api.Store.Get(ClusterObjects.Secrets, "mesh", AuthorityCluster.Secret)!;
}
