using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Identity;
using Mesh.Client.Kubernetes.AspNetCore;
using Mesh.Client.Kubernetes.AspNetCore.Anchors;
using Mesh.Client.KubernetesTests.Faults;

namespace Mesh.Client.KubernetesTests.Authority;

/// <summary>What a process believes of the plan that it finds, and how it begins by it.</summary>
public sealed class OwnPlanTests
{
    private static readonly TestIssuer Old = TestIssuer.Root("old root");
    private static readonly TestIssuer Next = TestIssuer.Root("next root");

    [Fact]
    public async Task A_plan_without_our_mark_is_no_authority()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        AnchorPlan plan = Plan(Old);
        api.Map("mesh", plan.Pem, maker: null, plan.Text);
        api.Set(ClusterObjects.Secrets, TestIssuer.Secret(Next, Next.Issuer("issuer")));
        await using Replica replica = await Replica.StartAsync(api.Configuration);
        await replica.LoadedAsync();

        await replica.PassAsync();

        Assert.Equal(Next.Pem, replica.Authority.TrustBundlePem);
    }

    [Fact]
    public async Task An_anchor_that_is_only_in_the_plan_is_told_of_and_goes_after_the_overlap_whatever_it_says()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        ShiftedClock clock = new();
        AnchorPlan plan = Plan(Old);
        api.Map(
            "mesh",
            plan.Pem,
            "mesh/mesh-control-plane",
            plan.Text.Replace("/-", "/2999-01-01T00:00:00Z", StringComparison.Ordinal));
        api.Set(ClusterObjects.Secrets, TestIssuer.Secret(Next, Next.Issuer("issuer")));
        await using Replica replica = await Replica.StartAsync(
            api.Configuration, clock, ("Authority:Kubernetes:AnchorLead", "00:00:00"));
        await Eventually.TrueAsync(() => api.Anchors("mesh")!.Contains(Next.Pem, StringComparison.Ordinal));
        Assert.Contains(Old.Pem, api.Anchors("mesh"), StringComparison.Ordinal);
        Assert.Single(replica.Logs, record => record.Id.Name == "AnchorAdopted"
            && record.Message.Contains(TrustBundle.Thumbprint(Old.Certificate), StringComparison.Ordinal));

        clock.Forward(TimeSpan.FromHours(48) + TimeSpan.FromMinutes(2));
        replica.Poke();

        await Eventually.TrueAsync(() => api.Anchors("mesh") == Next.Pem);
    }

    [Fact]
    public async Task A_process_that_starts_while_the_root_changes_waits_out_the_lead()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        ShiftedClock clock = new();
        api.Set(ClusterObjects.Secrets, TestIssuer.Secret(Old, Old.Issuer("old")));
        await using (Replica before = await Replica.StartAsync(api.Configuration, clock))
        {
            await before.LoadedAsync();
            await api.HasAnchorsAsync("mesh");
        }

        clock.Forward(TimeSpan.FromMinutes(10));
        api.Set(ClusterObjects.Secrets, TestIssuer.Secret(Next, Next.Issuer("next")));
        await using Replica replica = await Replica.StartAsync(api.Configuration, clock);
        await Eventually.TrueAsync(() => replica.Logs.Any(record => record.Id.Name is "IssuerWaits" or "IssuerTaken"));
        await replica.PassAsync();
        Assert.False(replica.Authority.IsLoaded);
        Assert.Contains("has been published for", replica.Authority.State.Problem, StringComparison.Ordinal);
        Assert.Contains(Old.Pem, replica.Authority.TrustBundlePem, StringComparison.Ordinal);
        Assert.Contains(Next.Pem, replica.Authority.TrustBundlePem, StringComparison.Ordinal);

        clock.Forward(TimeSpan.FromMinutes(3));
        replica.Poke();
        await replica.LoadedAsync();
        Assert.Equal("CN=next", (await replica.CertifyAsync()).Issuer);
        Assert.Null(replica.Authority.State.Problem);
    }

    [Fact]
    public async Task A_process_that_starts_during_the_overlap_trusts_the_last_anchor_from_its_first_certificate_on()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        AnchorPlan plan = AnchorPlan.Next(
            Plan(Old), TrustBundle.TryCreate([Next.Certificate], out _)!, Now - TimeSpan.FromHours(1), TimeSpan.FromHours(48));
        api.Map("mesh", plan.Pem, "mesh/mesh-control-plane", plan.Text);
        api.Set(ClusterObjects.Secrets, TestIssuer.Secret(Next, Next.Issuer("next")));
        using var held = new SemaphoreSlim(0);
        api.OnListed = call => call.Plural == "configmaps" ? held.WaitAsync(TestContext.Current.CancellationToken) : Task.CompletedTask;
        await using Replica replica = await Replica.StartAsync(api.Configuration);
        string? first = null;
        _ = replica.Authority.Changed.Signalled.ContinueWith(_ => first = replica.Authority.TrustBundlePem, TaskScheduler.Default);
        await replica.PassAsync();
        held.Release(10);

        await replica.LoadedAsync();
        await Eventually.TrueAsync(() => first is not null);

        Assert.Equal(plan.Pem, first);
    }

    [Fact]
    public async Task Without_a_plan_it_signs_after_a_while_all_the_same()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        ShiftedClock clock = new();
        api.OnCall = call => call.Plural == "configmaps" ? new Fault(403, "forbidden: User \"mesh\" cannot list") : null;
        api.Set(ClusterObjects.Secrets, TestIssuer.Secret(Old, Old.Issuer("old")));
        await using Replica replica = await Replica.StartAsync(api.Configuration, clock);
        await Eventually.TrueAsync(() => api.Calls.Any(call => call.Plural == "secrets" && call.Verb == "watch"));
        await replica.PassAsync();

        clock.Forward(TimeSpan.FromSeconds(30));
        replica.Poke();
        await replica.LoadedAsync();

        Assert.Equal(Old.Pem, replica.Authority.TrustBundlePem);
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private static AnchorPlan Plan(TestIssuer root) => AnchorPlan.Next(
        null, TrustBundle.TryCreate([root.Certificate], out _)!, Now - TimeSpan.FromDays(1), TimeSpan.FromHours(48));
}
