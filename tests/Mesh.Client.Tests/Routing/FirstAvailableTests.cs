using CsCheck;
using Mesh.Client.Routing;

namespace Mesh.Client.Tests.Routing;

public sealed class FirstAvailableTests
{
    [Fact]
    public void Choose_AnyWeightsAndAvailability_IsTheFirstWithBoth_ElseTheFirstWithAWeight() =>
        Gen.Select(Gen.Bool, Gen.Int[0, 2]).Array[1, 12].Sample(backends =>
        {
            int[] weights = [.. backends.Select(backend => backend.Item2)];
            int both = Array.FindIndex(backends, backend => backend.Item1 && backend.Item2 > 0);
            int weighty = Array.FindIndex(weights, weight => weight > 0);
            return FirstAvailable.Choose<States>(weights, new States([.. backends.Select(backend => backend.Item1)]))
                == (both >= 0 ? both : weighty);
        });

    private readonly struct States(bool[] available) : IBackendStates
    {
        public bool IsAvailable(int index) => available[index];
    }
}
