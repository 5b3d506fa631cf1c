using System.Collections.Immutable;
using Mesh.Client.Balancing;
using Mesh.Client.Model;
using Mesh.Client.Tests.Resilience;

namespace Mesh.Client.Tests.Balancing;

public class AllocationTests
{
    [Theory]
    [MemberData(nameof(TestPolicies.All), MemberType = typeof(TestPolicies))]
    public void Pick_AnyPolicy_AllocatesNothing(string policy)
    {
        AllocatesNothing(policy, TestKeys.Ports(10, [.. Enumerable.Repeat(1, 50)]));
        AllocatesNothing(policy, TestKeys.Ports(10, [.. Enumerable.Range(1, 50)]));

        // More than a bounded load shuffles on the stack.
        AllocatesNothing(policy, TestKeys.Ports(10, [.. Enumerable.Range(1, 300)]));
    }

    [Fact]
    public void Sample_AndCost_AllocateNothing()
    {
        var load = new EndpointLoad(new LoadClock(TimeProvider.System));
        AllocatesNothing(i =>
        {
            load.Begin();
            load.Sample(TimeSpan.FromMilliseconds(i), i);
            _ = load.Cost(i);
            load.End();
        });
    }

    [Fact]
    public void TryCompute_SingleValues_AllocatesNothing()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("http://catalog/items?item=foo"));
        request.Headers.Add("x-user", new string('u', 300));
        request.Headers.Add("Cookie", "a=1; session=foo");
        ImmutableArray<HashSource> sources =
        [
            new(HashSourceKind.Header, "x-user"),
            new(HashSourceKind.Cookie, "session"),
            new(HashSourceKind.Query, "item"),
            new(HashSourceKind.Path, ""),
        ];
        AllocatesNothing(_ => RequestHash.TryCompute(request, sources, out ulong _));
    }

    private static void AllocatesNothing(string policy, WeightedKey[] keys)
    {
        LoadBalancer balancer = TestPolicies.Balancer(policy, keys);
        var half = new TestCandidates([.. keys.Select((_, i) => i % 2 == 0)]);
        var few = new TestCandidates([.. keys.Select((_, i) => i is 7)]);
        for (int i = 0; i < 1000; i++)
        {
            half.Load(i * i % 20).Begin();
        }

        AllocatesNothing(i =>
        {
            ulong hash = (ulong)i * 0x9E3779B97F4A7C15;
            _ = balancer.Pick(hash, half);
            _ = balancer.Pick(hash, few);
        });
    }

    private static void AllocatesNothing(Action<int> act)
    {
        int i = 0;
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int end = i + 100; i < end; i++)
            {
                act(i);
            }
        }));
    }
}
