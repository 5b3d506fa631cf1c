using System.Security.Cryptography.X509Certificates;
using System.Text;
using Grpc.Core;
using k8s.Models;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.AspNetCore;
using Mesh.Client.KubernetesTests.Faults;

namespace Mesh.Client.KubernetesTests.Authority;

public sealed class IssuerTests
{
    private static readonly (string, string) NoLead = ("Authority:Kubernetes:AnchorLead", "00:00:00");

    [Fact]
    public async Task Two_replicas_that_start_together_sign_below_one_root()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        Replica[] both = await Task.WhenAll(Replica.StartAsync(api.Configuration), Replica.StartAsync(api.Configuration));
        await using Replica one = both[0];
        await using Replica other = both[1];
        await Task.WhenAll(one.LoadedAsync(), other.LoadedAsync());

        Certified[] certified = await Task.WhenAll(one.CertifyAsync(), other.CertifyAsync());

        await api.HasAnchorsAsync("mesh");
        Assert.Equal(certified[0].Issuer, certified[1].Issuer);
        Assert.All(certified, given => Assert.Null(given.Problem(api.Anchors("mesh")!)));
        Assert.Equal(X509CertificateLoader.LoadCertificate(Encoding.ASCII.GetBytes(api.Issuer())).Subject, certified[0].Issuer);
    }

    [Fact]
    public async Task What_one_replica_rotates_the_other_takes_over()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        var clock = new ShiftedClock();
        await using Replica one = await Replica.StartAsync(api.Configuration, clock);
        await using Replica other = await Replica.StartAsync(api.Configuration, clock);
        await Task.WhenAll(one.LoadedAsync(), other.LoadedAsync());
        Certified before = await other.CertifyAsync();

        // The other looks once the Secret has changed.
        clock.Forward(TimeSpan.FromDays(3.6));
        one.Poke();

        await Eventually.TrueAsync(async () => (await other.CertifyAsync()).Issuer != before.Issuer);
        await Eventually.TrueAsync(async () => (await one.CertifyAsync()).Issuer != before.Issuer);
        Certified after = await one.CertifyAsync();
        Assert.Null(before.Problem(api.Anchors("mesh")!));
        Assert.Null(after.Problem(api.Anchors("mesh")!, time: clock));
    }

    [Fact]
    public async Task Of_two_that_rotate_at_once_one_wins()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        ShiftedClock clock = new();
        await using Replica one = await Replica.StartAsync(api.Configuration, clock);
        await using Replica other = await Replica.StartAsync(api.Configuration, clock);
        await Task.WhenAll(one.LoadedAsync(), other.LoadedAsync());
        string before = (await one.CertifyAsync()).Issuer;
        using var both = new CountdownEvent(2);
        api.OnCall = call =>
        {
            if (call is { Verb: "update", Plural: "secrets" } && !both.IsSet)
            {
                both.Signal();
                both.Wait(TimeSpan.FromSeconds(30));
            }

            return null;
        };

        clock.Forward(TimeSpan.FromDays(3.6));
        one.Poke();
        other.Poke();

        await Eventually.TrueAsync(async () =>
            (await one.CertifyAsync()).Issuer is var issuer && issuer != before && (await other.CertifyAsync()).Issuer == issuer);
        Assert.True(both.IsSet);
        Assert.Equal(2, api.Store.Changes(ClusterObjects.Secrets));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_cert_manager_replaces_is_taken_over_without_a_failed_call(bool rsa)
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        var root = TestIssuer.Root("cert-manager's");
        api.Set(ClusterObjects.Secrets, TestIssuer.Secret(root, root.Issuer("first", rsa)));
        await using Replica replica = await Replica.StartAsync(api.Configuration);
        await replica.LoadedAsync();
        Assert.Equal("CN=first", (await replica.CertifyAsync()).Issuer);

        api.Set(ClusterObjects.Secrets, TestIssuer.Secret(root, root.Issuer("second", rsa)));

        await Eventually.TrueAsync(async () => (await replica.CertifyAsync()) is { Issuer: "CN=second" } given
            && given.Problem(root.Pem) is null);
        Assert.Equal(0, api.Writes("secrets"));
    }

    [Theory]
    [InlineData("key", "tls.key: the key does not belong to the certificate")]
    [InlineData("leaf", "tls.crt: it is no authority's certificate")]
    [InlineData("expired", "tls.crt: it has expired at")]
    [InlineData("anchors", "tls.crt: its chain does not hold up to the anchors")]
    [InlineData("garbage", "tls.crt: it holds no PEM certificate")]
    [InlineData("missing", "ca.crt: missing")]
    public async Task A_bad_one_is_refused_and_the_last_good_one_signs_on(string what, string problem)
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        var root = TestIssuer.Root("cert-manager's");
        api.Set(ClusterObjects.Secrets, TestIssuer.Secret(root, root.Issuer("good")));
        await using Replica replica = await Replica.StartAsync(api.Configuration);
        await replica.LoadedAsync();

        api.Set(ClusterObjects.Secrets, Bad(root, what));

        await Eventually.TrueAsync(() => replica.Authority.State.Problem is not null);
        Assert.Contains(problem, replica.Authority.State.Problem, StringComparison.Ordinal);
        Assert.StartsWith("Secret mesh/mesh-issuer: ", replica.Authority.State.Problem, StringComparison.Ordinal);
        Assert.Equal("CN=good", (await replica.CertifyAsync()).Issuer);
        Assert.Single(replica.Logs, record => record.Id.Name == "IssuerRefused");
        Assert.Equal(0, api.Writes("secrets"));

        api.Set(ClusterObjects.Secrets, TestIssuer.Secret(root, root.Issuer("better")));
        await Eventually.TrueAsync(async () => (await replica.CertifyAsync()).Issuer == "CN=better");
        Assert.Null(replica.Authority.State.Problem);
    }

    [Fact]
    public async Task An_API_server_that_is_away_at_the_start_stops_nothing_and_is_found_later()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        await api.StopAsync();
        await using Replica replica = await Replica.StartAsync(api.Configuration);

        Status status = await replica.RefusedAsync();
        Assert.Equal((StatusCode.Unavailable, "issuer not loaded"), (status.StatusCode, status.Detail));

        await api.StartAgainAsync();
        await replica.LoadedAsync();
        Assert.NotEmpty((await replica.CertifyAsync()).Intermediates);
    }

    [Fact]
    public async Task A_root_that_is_replaced_is_published_before_anything_is_signed_below_it_and_the_old_one_stays_for_a_while()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        var clock = new ShiftedClock();
        var old = TestIssuer.Root("old root");
        var next = TestIssuer.Root("next root");
        api.Set(ClusterObjects.Secrets, TestIssuer.Secret(old, old.Issuer("old")));
        await using Replica replica = await Replica.StartAsync(api.Configuration, clock);
        await replica.LoadedAsync();
        await api.HasAnchorsAsync("mesh");

        api.Set(ClusterObjects.Secrets, TestIssuer.Secret(next, next.Issuer("next")));
        await Eventually.TrueAsync(() => api.Anchors("mesh")!.Contains(next.Pem, StringComparison.Ordinal));
        Assert.Contains(old.Pem, api.Anchors("mesh"), StringComparison.Ordinal);
        Assert.Equal("CN=old", (await replica.CertifyAsync()).Issuer);
        await Eventually.TrueAsync(() => replica.Authority.TrustBundlePem!.Contains(next.Pem, StringComparison.Ordinal));

        clock.Forward(TimeSpan.FromMinutes(3));
        replica.Poke();
        await Eventually.TrueAsync(async () => (await replica.CertifyAsync()).Issuer == "CN=next");

        clock.Forward(TimeSpan.FromHours(47));
        await replica.PassAsync();
        Assert.Contains(old.Pem, api.Anchors("mesh"), StringComparison.Ordinal);
        clock.Forward(TimeSpan.FromHours(1));
        replica.Poke();
        await Eventually.TrueAsync(() => api.Anchors("mesh") == next.Pem && replica.Authority.TrustBundlePem == next.Pem);
    }

    [Fact]
    public async Task Without_a_Secret_and_without_leave_to_make_one_it_waits_for_it()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        await using Replica replica = await Replica.StartAsync(
            api.Configuration, null, NoLead, ("Authority:Kubernetes:MakeIssuer", "false"));
        await Eventually.TrueAsync(() => replica.Authority.State.Problem?.Contains("there is none", StringComparison.Ordinal) == true);

        var root = TestIssuer.Root("late");
        api.Set(ClusterObjects.Secrets, TestIssuer.Secret(root, root.Issuer("late issuer")));
        await replica.LoadedAsync();

        Assert.Equal("CN=late issuer", (await replica.CertifyAsync()).Issuer);
        Assert.Equal(0, api.Writes("secrets"));
    }

    [Fact]
    public async Task One_of_the_same_serial_number_is_another_all_the_same()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        byte[] serial = [1, 2, 3];
        var root = TestIssuer.Root("root");
        api.Set(ClusterObjects.Secrets, TestIssuer.Secret(root, root.Issuer("first", serial: serial)));
        await using Replica replica = await Replica.StartAsync(api.Configuration);
        await replica.LoadedAsync();

        api.Set(ClusterObjects.Secrets, TestIssuer.Secret(root, root.Issuer("second", serial: serial)));

        await Eventually.TrueAsync(async () => (await replica.CertifyAsync()) is { Issuer: "CN=second" } given
            && given.Problem(root.Pem) is null);
    }

    [Fact]
    public async Task A_root_of_the_same_name_and_serial_number_has_its_lead_too()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        byte[] serial = [1, 2, 3];
        var old = TestIssuer.Root("root", serial);
        var next = TestIssuer.Root("root", serial);
        api.Set(ClusterObjects.Secrets, TestIssuer.Secret(old, old.Issuer("old")));
        await using Replica replica = await Replica.StartAsync(api.Configuration);
        await replica.LoadedAsync();
        await api.HasAnchorsAsync("mesh");

        api.Set(ClusterObjects.Secrets, TestIssuer.Secret(next, next.Issuer("next")));
        await Eventually.TrueAsync(() => api.Anchors("mesh")!.Contains(next.Pem, StringComparison.Ordinal));
        await replica.PassAsync();

        Assert.Equal("CN=old", (await replica.CertifyAsync()).Issuer);
    }

    private static V1Secret Bad(TestIssuer root, string what)
    {
        V1Secret secret = TestIssuer.Secret(root, what switch
        {
            "leaf" => root.Issuer("leaf", isAuthority: false),
            "expired" => root.Issuer("expired", until: TimeSpan.FromMinutes(-5)),
            "anchors" => TestIssuer.Root("another").Issuer("stranger"),
            _ => root.Issuer("bad"),
        });
        switch (what)
        {
            case "key":
                secret.Data["tls.key"] = TestIssuer.Secret(root, root.Issuer("other")).Data["tls.key"];
                break;
            case "garbage":
                secret.Data["tls.crt"] = "garbage"u8.ToArray();
                break;
            case "missing":
                secret.Data.Remove("ca.crt");
                break;
        }

        return secret;
    }
}
