using CsCheck;
using Mesh.Client.Balancing;

namespace Mesh.Client.Tests.Balancing;

public class HashSequenceTests
{
    /// <summary>Tables of any content, some with fewer slots than endpoints, and who can be picked.</summary>
    private static readonly Gen<(int[] Slots, bool[] Available, int Slot)> Tables =
        Gen.Int[1, 12]
            .SelectMany(endpoints => Gen.Select(Gen.Int[0, endpoints - 1].Array[1, 40], Gen.Bool.Array[endpoints], Gen.Int[0, 1000]))
            .Select((slots, available, slot) => (slots, available, slot % slots.Length));

    [Fact]
    public void Pick_UntilNone_VisitsInTheOrderOfTheSlots() =>
        Tables.Sample((slots, available, slot) =>
        {
            var table = new IndexTable(slots.Length, available.Length);
            for (int i = 0; i < slots.Length; i++)
            {
                table[i] = slots[i];
            }

            int[] order = [.. slots[slot..], .. slots[..slot], .. Enumerable.Range(0, available.Length)];
            Pick[] expected = [.. order.Distinct().Where(i => available[i]).Select(i => new Pick(i, Reason(i)))];
            Assert.Equal(expected, new TestCandidates([.. available]).Exhaust(new Balancer(table, slot), 0));

            PickReason Reason(int index) => index == slots[slot] ? PickReason.Hash : PickReason.HashFailover;
        });

    [Fact]
    public void Pick_NoneLeftInALargeTable_AsksAboutTwicePerEndpoint()
    {
        var maglev = new MaglevBalancer([.. Enumerable.Range(0, 100).Select(i => new WeightedKey($"{i:000}", 1))], 65537);
        var candidates = new Counting(100);
        Assert.True(maglev.Pick(12345, candidates).IsNone);
        Assert.InRange(candidates.Asked, 100, 200);
    }

    private sealed class Balancer(IndexTable table, int slot) : LoadBalancer
    {
        public override Pick Pick(ulong hash, ICandidates candidates) => HashSequence.Pick(table, slot, candidates);
    }

    private sealed class Counting(int count) : ICandidates
    {
        public int Asked { get; private set; }

        public int Count => count;

        public long Now => TimeProvider.System.GetTimestamp();

        public bool CanPick(int index)
        {
            Asked++;
            return false;
        }

        public EndpointLoad Load(int index) => throw new NotSupportedException();
    }
}
