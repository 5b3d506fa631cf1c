using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Identity;
using Mesh.Client.Kubernetes.AspNetCore.Anchors;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.KubernetesTests.Authority;

public sealed class AnchorPlanTests
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();
    private static readonly TimeSpan Overlap = TimeSpan.FromHours(48);

    private readonly X509Certificate2 _old = TestIssuer.Root("old").Certificate;
    private readonly X509Certificate2 _next = TestIssuer.Root("next").Certificate;

    [Fact]
    public void What_is_written_is_what_is_read()
    {
        AnchorPlan plan = Next(Next(null, Now, _old), Now.AddHours(1), _next);

        AnchorPlan read = AnchorPlan.TryRead(plan.Pem, plan.Text)!;

        Assert.Equal((plan.Pem, plan.Text), (read.Pem, read.Text));
        Assert.Equal(2, read.Anchors.Length);
    }

    [Fact]
    public void Nothing_changes_where_nothing_has_changed()
    {
        AnchorPlan plan = Next(Next(null, Now, _old), Now.AddHours(1), _next);

        Assert.Equal(plan.Text, Next(plan, Now.AddHours(2), _next).Text);
    }

    [Fact]
    public void An_anchor_that_the_issuer_no_longer_has_stays_for_the_overlap()
    {
        AnchorPlan plan = Next(Next(null, Now, _old), Now, _next);

        Assert.Equal(2, Next(plan, Now + Overlap - TimeSpan.FromSeconds(2), _next).Anchors.Length);
        Anchor left = Assert.Single(Next(plan, Now + Overlap, _next).Anchors);
        Assert.Equal(_next, left.Certificate);
    }

    [Fact]
    public void One_that_comes_back_goes_no_more()
    {
        AnchorPlan plan = Next(Next(Next(null, Now, _old), Now, _next), Now.AddHours(1), _old);

        Assert.Null(plan.Anchors.Single(anchor => anchor.Certificate.Equals(_old)).Until);
        Assert.NotNull(plan.Anchors.Single(anchor => anchor.Certificate.Equals(_next)).Until);
        Assert.Equal(Now.ToUnixTimeSeconds(), plan.SinceOf(_old)!.Value.ToUnixTimeSeconds());
    }

    [Fact]
    public void What_somebody_has_changed_is_not_read()
    {
        AnchorPlan plan = Next(null, Now, _old);
        AnchorPlan other = Next(null, Now, _next);

        Assert.Null(AnchorPlan.TryRead(plan.Pem + other.Pem, plan.Text));
        Assert.Null(AnchorPlan.TryRead(plan.Pem, plan.Text + " " + other.Text));
        Assert.Null(AnchorPlan.TryRead(plan.Pem, plan.Text.Replace('/', ' ')));
        Assert.Null(AnchorPlan.TryRead("", plan.Text));
        Assert.Null(AnchorPlan.TryRead(plan.Pem, null));
    }

    [Fact]
    public void Writes_that_follow_each_other_are_spaced_ever_more()
    {
        var time = new FakeTimeProvider();
        var pace = new WritePace(time);
        var waits = new List<double>();
        for (int i = 0; i < 9; i++)
        {
            Assert.Null(pace.Next());
            TimeSpan wait = pace.Next()!.Value;
            waits.Add(wait.TotalSeconds);
            time.Advance(wait);
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60, 60], waits);
        time.Advance(TimeSpan.FromMinutes(3));
        Assert.Null(pace.Next());
        Assert.Equal(TimeSpan.FromSeconds(1), pace.Next());
    }

    [Fact]
    public void What_says_that_it_stays_longer_than_the_overlap_does_not()
    {
        AnchorPlan plan = Next(Next(null, Now, _old), Now, _next);
        string until = (Now + Overlap).UtcDateTime.ToString("yyyy", System.Globalization.CultureInfo.InvariantCulture);
        AnchorPlan forged = AnchorPlan.TryRead(
            plan.Pem, plan.Text.Replace($"/{until}-", "/2999-", StringComparison.Ordinal))!;
        Assert.NotEqual(plan.Text, forged.Text);

        AnchorPlan read = Next(forged, Now, _next);

        Assert.True(read.FirstEnd <= Now + Overlap);
    }

    [Fact]
    public void One_that_says_that_it_is_of_tomorrow_is_of_now()
    {
        AnchorPlan plan = Next(null, Now.AddDays(1), _old);

        Assert.True(Next(plan, Now, _old).SinceOf(_old) <= Now);
    }

    private static AnchorPlan Next(AnchorPlan? last, DateTimeOffset now, X509Certificate2 issuer) =>
        AnchorPlan.Next(last, TrustBundle.TryCreate([issuer], out _)!, now, Overlap);
}
