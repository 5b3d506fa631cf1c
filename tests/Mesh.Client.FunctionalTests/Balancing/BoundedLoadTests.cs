using Mesh.Client.Balancing;

namespace Mesh.Client.FunctionalTests.Balancing;

/// <summary>Calls by hash over real connections: where a key goes, and where it goes while its endpoint has too many calls.</summary>
public sealed class BoundedLoadTests
{
    private const string ByUser = "\"HashOn\": [ { \"Header\": \"x-user\" } ]";

    [Theory]
    [InlineData("\"Policy\": \"Maglev\"")]
    [InlineData("\"Policy\": \"RingHash\"")]
    [InlineData("\"Policy\": \"RingHash\", \"HashFunction\": \"MurmurHash2\"")]
    public async Task Send_OwnEndpointHasMoreThanItsShare_OverflowsUntilReleased(string policy)
    {
        await using PolicyMesh mesh = await PolicyMesh.StartAsync($"{{ {policy}, \"BoundedLoad\": 100, {ByUser} }}", ["", "", ""]);
        MeshAttempt own = await mesh.GetAsync("ann");
        Assert.Equal(PickReason.Hash, own.Reason);

        // Two calls in all, and one more: each of three may have one.
        Task<HttpResponseMessage>[] held = [await mesh.HoldAsync("ann"), await mesh.HoldAsync("ann")];
        MeshAttempt first = await mesh.GetAsync("ann");
        MeshAttempt second = await mesh.GetAsync("ann");
        mesh.Release();
        foreach (HttpResponseMessage response in await Task.WhenAll(held))
        {
            Assert.Equal(
                (PickReason.Hash, own.Endpoint),
                (response.GetMeshCallInfo()!.Attempts.Single().Reason, response.GetMeshCallInfo()!.Attempts.Single().Endpoint));
            response.Dispose();
        }

        Assert.Equal((PickReason.BoundedLoad, PickReason.BoundedLoad), (first.Reason, second.Reason));
        Assert.NotEqual(own.Endpoint, first.Endpoint);
        Assert.Equal(first.Endpoint, second.Endpoint);
        MeshAttempt after = await mesh.GetAsync("ann");
        Assert.Equal((PickReason.Hash, own.Endpoint), (after.Reason, after.Endpoint));
    }

    [Fact]
    public async Task Send_NoBound_NeverOverflows()
    {
        await using PolicyMesh mesh = await PolicyMesh.StartAsync($"{{ \"Policy\": \"Maglev\", {ByUser} }}", ["", "", ""]);
        for (int i = 0; i < 5; i++)
        {
            await mesh.HoldAsync("ann");
        }

        Assert.Equal(PickReason.Hash, (await mesh.GetAsync("ann")).Reason);
        Assert.Equal([0, 0, 6], mesh.Backends.Select(backend => backend.Hits).Order());
    }

    /// <summary>Which instance answers is what Envoy's ring says, with either function; the rings differ.</summary>
    [Theory]
    [InlineData("XxHash64", RingHashFunction.XxHash64)]
    [InlineData("murmurhash2", RingHashFunction.MurmurHash2)]
    public async Task Send_RingHash_GoesWhereTheRingSays(string name, RingHashFunction function)
    {
        await using PolicyMesh mesh = await PolicyMesh.StartAsync(
            $"{{ \"Policy\": \"RingHash\", \"HashFunction\": \"{name}\", \"MinRingSize\": 64, {ByUser} }}", ["", "", "", ""]);
        string[] addresses = [.. mesh.Backends.Select(backend => backend.Address).Order(StringComparer.Ordinal)];
        WeightedKey[] keys = [.. addresses.Select(address => new WeightedKey(address, 1))];
        var ring = new RingHashBalancer(keys, 64, 8388608, function);
        var other = new RingHashBalancer(keys, 64, 8388608, 1 - function);
        int differing = 0;

        for (int user = 0; user < 60; user++)
        {
            int before = mesh.Backends.Single(backend => backend.Address == Owner(ring, user)).Hits;
            MeshAttempt attempt = await mesh.GetAsync($"{user}");
            Assert.Equal((PickReason.Hash, Owner(ring, user)), (attempt.Reason, attempt.Endpoint));
            Assert.Equal(before + 1, mesh.Backends.Single(backend => backend.Address == attempt.Endpoint).Hits);
            differing += attempt.Endpoint == Owner(other, user) ? 0 : 1;
        }

        Assert.InRange(differing, 1, 60);

        string Owner(RingHashBalancer of, int user)
        {
            ulong hash = RequestHash.Of($"{user}");
            int entry = of.Hashes.ToArray().Count(entry => entry < hash);
            return addresses[of.Ring[entry % of.Ring.Length]];
        }
    }
}
