using Mesh.Client.Balancing;
using Mesh.Client.Tests.Resilience;

namespace Mesh.Client.Tests.Balancing;

public class IndexTableTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(256, 1)]
    [InlineData(257, 2)]
    [InlineData(65536, 2)]
    [InlineData(65537, 4)]
    public void Slots_AnyNumberOfEndpoints_AreAsSmallAsItAllows(int endpoints, int bytesPerSlot)
    {
        var table = new IndexTable(10_000, endpoints);
        Assert.InRange(
            Allocations.Of(() => table = new IndexTable(10_000, endpoints)), 10_000 * bytesPerSlot, (10_000 * bytesPerSlot) + 200);
        table[9_999] = endpoints - 1;
        Assert.Equal(endpoints - 1, table[9_999]);
        Assert.Equal(0, table[0]);
    }
}
