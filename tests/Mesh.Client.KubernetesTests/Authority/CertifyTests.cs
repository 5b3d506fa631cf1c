using Grpc.Core;
using Mesh.Client.KubernetesTests.Faults;

namespace Mesh.Client.KubernetesTests.Authority;

public sealed class CertifyTests
{
    [Fact]
    public async Task A_service_account_gets_a_certificate_that_the_published_anchors_vouch_for()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        await using Replica replica = await Replica.StartAsync(api.Configuration);
        await replica.LoadedAsync();

        Certified certified = await replica.CertifyAsync();

        await api.HasAnchorsAsync("mesh");
        Assert.Null(certified.Problem(api.Anchors("mesh")!));
        Assert.Single(certified.Intermediates);
    }

    [Theory]
    [InlineData("other-audience", StatusCode.FailedPrecondition, "it is not for the audience mesh.client (the API server says")]
    [InlineData("expired", StatusCode.FailedPrecondition, "the token is not authenticated: it has expired (")]
    [InlineData("no-audience", StatusCode.FailedPrecondition, "the API server does not say that it is for the audience mesh.client")]
    [InlineData("person", StatusCode.FailedPrecondition, "it is not a service account's but jane's")]
    [InlineData(
        "elsewhere",
        StatusCode.FailedPrecondition,
        "it is web.blog.serviceaccount.identity.mesh.cluster.local's, and web.shop.serviceaccount.identity.mesh.cluster.local was")]
    [InlineData("api", StatusCode.FailedPrecondition, "it is api.shop.serviceaccount.identity.mesh.cluster.local's, and web.shop.")]
    [InlineData("garbage-that-is-repeated", StatusCode.FailedPrecondition, "the API server says: [invalid bearer token, (token)]")]
    public async Task A_token_that_is_not_good_is_refused_with_the_reason(string word, StatusCode code, string reason)
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        await using Replica replica = await Replica.StartAsync(api.Configuration);
        await replica.LoadedAsync();

        string token = TestToken.Of(word);
        Status status = await replica.RefusedAsync(token);

        Assert.Equal(code, status.StatusCode);
        Assert.Contains(reason, status.Detail, StringComparison.Ordinal);
        Assert.Contains(replica.Logs, record => record.Message.Contains(reason, StringComparison.Ordinal));
        Assert.DoesNotContain(replica.Logs, record => record.Message.Contains(token[token.LastIndexOf('.')..], StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("gar bage", StatusCode.InvalidArgument, "invalid token: the token is not printable text without spaces")]
    [InlineData("garbage", StatusCode.FailedPrecondition, "the token is not authenticated: it is no service account's token")]
    public async Task The_server_is_not_asked_about_what_cannot_be_good(string token, StatusCode code, string reason)
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        int asked = 0;
        api.OnTokenReview = (shown, audiences) =>
        {
            Interlocked.Increment(ref asked);
            return Task.FromResult(AuthorityCluster.Judge(shown, audiences));
        };
        await using Replica replica = await Replica.StartAsync(api.Configuration);
        await replica.LoadedAsync();

        Status status = await replica.RefusedAsync(token);
        Status other = await replica.RefusedAsync(TestToken.Of("web", claims => claims["aud"] = "api"));

        Assert.Equal(code, status.StatusCode);
        Assert.StartsWith(reason, status.Detail, StringComparison.Ordinal);
        Assert.Equal("the token is not authenticated: it is not for the audience mesh.client but for api", other.Detail);
        Assert.Equal(0, asked);
    }

    [Fact]
    public async Task The_server_is_asked_for_our_audience()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        string[]? asked = null;
        api.OnTokenReview = (token, audiences) => Task.FromResult(AuthorityCluster.Judge(token, asked = audiences));
        await using Replica replica = await Replica.StartAsync(api.Configuration, null, ("Authority:Kubernetes:Audience", "our.mesh"));
        await replica.LoadedAsync();

        await replica.CertifyAsync(TestToken.Of("web", claims => claims["aud"] = "our.mesh"));

        Assert.Equal(["our.mesh"], asked!);
    }

    [Fact]
    public async Task Without_the_right_to_review_tokens_the_caller_comes_again_and_the_log_names_it()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        api.OnCall = call => call.Plural == "tokenreviews"
            ? new Fault(403, "tokenreviews is forbidden: User \"system:serviceaccount:mesh:mesh-control-plane\" cannot create resource web")
            : null;
        await using Replica replica = await Replica.StartAsync(api.Configuration);
        await replica.LoadedAsync();

        Status status = await replica.RefusedAsync();

        Assert.Equal(StatusCode.Unavailable, status.StatusCode);
        Assert.Contains("may not ask the API server about tokens", status.Detail, StringComparison.Ordinal);
        Assert.Contains(
            replica.Logs,
            record => record.Message.Contains(
                "does not give system:serviceaccount:mesh:mesh-control-plane the verb 'create' on tokenreviews.authentication.k8s.io",
                StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_hangs_or_is_away_makes_the_caller_come_again()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        await using Replica replica = await Replica.StartAsync(
            api.Configuration, null, ("Authority:Kubernetes:TokenReviewTimeout", "00:00:00.200"));
        await replica.LoadedAsync();
        api.OnCall = call => call.Plural == "tokenreviews" ? Fault.Hang : null;

        Status hangs = await replica.RefusedAsync();
        await api.StopAsync();
        Status away = await replica.RefusedAsync();

        Assert.Equal(
            (StatusCode.Unavailable, "the token could not be checked: the API server did not judge it within 0.2 s"),
            (hangs.StatusCode, hangs.Detail));
        Assert.Equal(StatusCode.Unavailable, away.StatusCode);
        Assert.StartsWith("the token could not be checked: the API server does not answer: ", away.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_so_many_tokens_are_shown_at_once()
    {
        await using FaultServer api = await AuthorityCluster.StartAsync();
        int now = 0, most = 0;
        api.OnTokenReview = async (token, audiences) =>
        {
            int current = Interlocked.Increment(ref now);
            most = Math.Max(most, current);
            await Task.Delay(20);
            Interlocked.Decrement(ref now);
            return AuthorityCluster.Judge(token, audiences);
        };
        await using Replica replica = await Replica.StartAsync(
            api.Configuration,
            null,
            ("Authority:Kubernetes:MaxTokenReviews", "2"),
            ("Authority:Kubernetes:TokenReviewTimeout", "00:01:00"));
        await replica.LoadedAsync();

        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => replica.CertifyAsync()));

        Assert.Equal(2, most);
    }
}
