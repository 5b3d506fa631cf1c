using CsCheck;
using Mesh.Client.Balancing;

namespace Mesh.Client.Tests.Balancing;

public class RingHashBalancerTests
{
    private const int Max = 8388608;

    [Fact]
    public void Ring_EnvoyBasic_MatchesVector()
    {
        var balancer = new RingHashBalancer(TestKeys.Ports(90, 1, 1, 1, 1, 1, 1), 12, Max);
        Assert.Equal(
            [
                (94, 833437586790550860), (92, 928266305478181108), (90, 1033482794131418490), (95, 3551244743356806947),
                (93, 3851675632748031481), (91, 5583722120771150861), (91, 6311230543546372928), (93, 7700377290971790572),
                (95, 13144177310400110813), (92, 13444792449719432967), (94, 15516499411664133160), (90, 16117243373044804889),
            ],
            Entries(balancer, 90));
        Assert.Equal(94, Picked(balancer, 0));
        Assert.Equal(94, Picked(balancer, ulong.MaxValue));
        Assert.Equal(95, Picked(balancer, 3551244743356806947));
        Assert.Equal(93, Picked(balancer, 3551244743356806948));
        Assert.Equal(90, Picked(balancer, 16117243373044804880));

        static int Picked(RingHashBalancer balancer, ulong hash) => 90 + balancer.Pick(hash, TestCandidates.All(6)).Index;
    }

    [Fact]
    public void Pick_EnvoyBasicFromZero_GoesClockwise()
    {
        var balancer = new RingHashBalancer(TestKeys.Ports(90, 1, 1, 1, 1, 1, 1), 12, Max);
        Assert.Equal([4, 2, 0, 5, 3, 1], TestCandidates.All(6).Exhaust(balancer, 0).Select(pick => pick.Index));
    }

    [Fact]
    public void Ring_EnvoyMurmur_MatchesVector() =>
        Assert.Equal(
            [
                (85, 1358027074129602068), (83, 4361834613929391114), (84, 7224494972555149682), (81, 7701421856454313576),
                (82, 8649315368077433379), (84, 8739448859063030639), (81, 9887544217113020895), (82, 10150910876324007731),
                (83, 15168472011420622455), (80, 15427156902705414897), (85, 16375050414328759093), (80, 17613279263364193813),
            ],
            Entries(new RingHashBalancer(TestKeys.Ports(80, 1, 1, 1, 1, 1, 1), 12, Max, RingHashFunction.MurmurHash2), 80));

    [Fact]
    public void Ring_EnvoyUneven_MatchesVector()
    {
        Assert.Equal(
            [(80, 5454692015285649509), (81, 7859399908942313493), (80, 13838424394637650569), (81, 16064866803292627174)],
            Entries(new RingHashBalancer(TestKeys.Ports(80, 1, 1), 3, Max), 80));
        Assert.Equal(
            [(81, 7859399908942313493), (82, 8241336090459785962), (82, 12882406409176325258), (81, 16064866803292627174)],
            Entries(new RingHashBalancer(TestKeys.Ports(81, 1, 1), 3, Max), 81));
    }

    [Fact]
    public void Ring_EnvoyWeighted_MatchesVector() =>
        Assert.Equal(
            [
                (92, 928266305478181108), (92, 4443673547860492590), (91, 5583722120771150861), (91, 6311230543546372928),
                (92, 13444792449719432967), (90, 16117243373044804889),
            ],
            Entries(new RingHashBalancer(TestKeys.Ports(90, 1, 2, 3), 6, Max), 90));

    [Fact]
    public void Pick_NoEndpoints_IsNone() => Assert.True(new RingHashBalancer([], 1024, Max).Pick(1, TestCandidates.All(0)).IsNone);

    [Fact]
    public void Pick_AnyHash_IsTheFirstEntryAtOrAfter() =>
        Gen.Select(TestKeys.Weighted, Gen.ULong).Sample((keys, hash) =>
        {
            var balancer = new RingHashBalancer(keys, 64, Max);
            ulong[] hashes = [.. balancer.Hashes];
            int slot = Math.Max(Array.FindIndex(hashes, entry => entry >= hash), 0);
            Assert.Equal(new Pick(balancer.Ring[slot], PickReason.Hash), balancer.Pick(hash, TestCandidates.All(keys.Length)));
        });

    [Fact]
    public void Ring_AnyWeights_SharesFollow() =>
        Gen.Select(TestKeys.Weighted, Gen.Int[1, 3000]).Sample((keys, minSize) =>
        {
            IndexTable ring = new RingHashBalancer(keys, minSize, 2048).Ring;
            int[] counts = new int[keys.Length];
            foreach (int owner in TestKeys.Indices(ring))
            {
                counts[owner]++;
            }

            double total = keys.Sum(key => key.Weight);
            Assert.All(keys, (key, i) => Assert.Equal(ring.Length * key.Weight / total, counts[i], 2.0));
            Assert.InRange(ring.Length, Math.Min(minSize, 2048), 2049);
        });

    [Fact]
    public void Ring_EndpointRemoved_MovesOnlyItsOwnKeys() =>
        Gen.Select(TestKeys.Equal, Gen.Int[0, 19], Gen.ULong.Array[20]).Sample((keys, removed, hashes) =>
        {
            removed %= keys.Length;
            if (keys.Length == 1)
            {
                return;
            }

            WeightedKey[] rest = [.. keys.Where((_, i) => i != removed)];

            // Sizes that give every endpoint 40 entries before and after.
            var before = new RingHashBalancer(keys, 40 * keys.Length, Max);
            var after = new RingHashBalancer(rest, 40 * rest.Length, Max);
            foreach (ulong hash in hashes)
            {
                WeightedKey owner = keys[before.Pick(hash, TestCandidates.All(keys.Length)).Index];
                Assert.True(owner == keys[removed] || owner == rest[after.Pick(hash, TestCandidates.All(rest.Length)).Index]);
            }
        });

    [Fact]
    public void Pick_SameKeyTwice_IsTheFirstThenTheSecond()
    {
        var balancer = new RingHashBalancer([new("same", 1), new("same", 1)], 128, Max);
        foreach (ulong hash in balancer.Hashes)
        {
            Assert.Equal([0, 1], TestCandidates.All(2).Exhaust(balancer, hash).Select(pick => pick.Index));
        }
    }

    private static List<(int Port, ulong Hash)> Entries(RingHashBalancer balancer, int firstPort) =>
        [.. TestKeys.Indices(balancer.Ring).Zip(balancer.Hashes.ToArray(), (index, hash) => (firstPort + index, hash))];
}
