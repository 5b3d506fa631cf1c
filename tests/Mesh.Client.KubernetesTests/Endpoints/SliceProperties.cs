using CsCheck;
using k8s.Models;
using Mesh.Client.Kubernetes.Endpoints;

namespace Mesh.Client.KubernetesTests.Endpoints;

public sealed class SliceProperties
{
    private static readonly string[][] Hints = [[], ["a"], ["b"], ["a", "b"]];

    private static readonly Gen<bool?> GenCondition = Gen.Int[0, 2].Select(one => one == 0 ? (bool?)null : one == 1);

    private static readonly Gen<V1Endpoint> GenEndpoint =
        from host in Gen.Int[1, 12]
        from ready in GenCondition
        from serving in GenCondition
        from terminating in GenCondition
        from zone in Gen.Int[0, 2].Select(one => one == 0 ? null : one == 1 ? "a" : "b")
        from hints in Gen.Int[0, 3].Select(one => one == 0 ? null : Hints[one])
        select Given.Endpoint($"10.0.0.{host}", ready, serving, terminating).At(zone, $"node-{host % 3}", $"pod-{host}").For(hints);

    private static readonly ClientPlace Place = new("node-1", "a");

    [Fact]
    public void However_endpoints_lie_in_slices_the_set_is_the_same() =>
        (from endpoints in GenEndpoint.Array[0, 20]
         from one in Gen.Int[0, 4].Array[endpoints.Length]
         from other in Gen.Int[0, 4].Array[endpoints.Length]
         from repeated in Gen.Int[0, 9].Array[endpoints.Length]
         from shuffled in Gen.Shuffle(Enumerable.Range(0, endpoints.Length).ToArray())
         select (endpoints, one, other, repeated, shuffled)).Sample(
            given =>
            {
                V1EndpointSlice[] slices = Split(given.endpoints, given.one);
                V1Endpoint[] reordered = [.. given.shuffled.Select(i => given.endpoints[i])];
                V1EndpointSlice[] others =
                [
                    .. Split(reordered, given.other).Reverse(),
                    Given.Slice("again", [.. given.endpoints.Where((_, i) => given.repeated[i] == 0)]),
                ];
                Assert.Equal(Read(slices).Set, Read(others).Set);
            });

    [Fact]
    public void What_is_kept_of_slices_makes_no_difference() =>
        (from rounds in GenEndpoint.Array[0, 6].Array[3].Array[1, 6]
         from changed in Gen.Int[0, 2].Array[rounds.Length]
         select (rounds, changed)).Sample(
            given =>
            {
                var cache = new SliceCache();
                V1EndpointSlice[] slices = [];
                for (int i = 0; i < given.rounds.Length; i++)
                {
                    V1EndpointSlice[] next = [.. given.rounds[i].Select((endpoints, n) => Given.Slice($"slice-{n}", endpoints))];
                    slices = slices.Length == 0 ? next : [.. slices.Select((slice, n) => n == given.changed[i] ? next[n] : slice)];
                    Assert.Equal(Read(slices).Set, Read(slices, cache).Set);
                }
            });

    [Fact]
    public void Whoever_is_ready_is_called_and_never_beside_who_leaves() =>
        GenEndpoint.Array[0, 20].Sample(endpoints =>
        {
            HashSet<string> ready = [.. endpoints.Where(endpoint => endpoint.Conditions.Ready != false).Select(Address)];
            HashSet<string> leaving =
                [.. endpoints.Where(endpoint => endpoint.Conditions is { Serving: true, Terminating: true }).Select(Address)];
            ServiceEndpoints read = ServiceEndpoints.Read(Given.View(Given.Service(), Given.Slice("a", endpoints)));
            HashSet<string> called = [.. read.Set.Endpoints.Select(endpoint => endpoint.Address.Text)];
            Assert.Equal(ready.Count > 0 ? ready : leaving, called);
        });

    private static string Address(V1Endpoint endpoint) => $"{endpoint.Addresses[0]}:8080";

    private static ServiceEndpoints Read(V1EndpointSlice[] slices, SliceCache? cache = null) =>
        ServiceEndpoints.Read(Given.View(Given.Service(), slices) with { Place = Place }, cache);

    private static V1EndpointSlice[] Split(V1Endpoint[] endpoints, int[] parts) =>
        [.. Enumerable.Range(0, 5).Select(part => Given.Slice($"slice-{part}", [.. endpoints.Where((_, i) => parts[i] == part)]))];
}
