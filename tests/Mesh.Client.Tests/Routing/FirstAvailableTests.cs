using CsCheck;
using Mesh.Client.Routing;

namespace Mesh.Client.Tests.Routing;

public sealed class FirstAvailableTests
{
    [Fact]
    public void Choose_AnyAvailability_IsTheFirstThatIs_ElseTheFirst() =>
        Gen.Bool.Array[1, 12].Sample(available =>
            FirstAvailable.Choose(available.Length, new States(available)) == Math.Max(Array.IndexOf(available, true), 0));

    private readonly struct States(bool[] available) : IBackendStates
    {
        public bool IsAvailable(int index) => available[index];
    }
}
