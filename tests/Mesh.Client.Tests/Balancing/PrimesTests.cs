using Mesh.Client.Balancing;

namespace Mesh.Client.Tests.Balancing;

public class PrimesTests
{
    [Fact]
    public void IsPrime_UpToTenThousand_AgreesWithASieve()
    {
        bool[] composite = new bool[10_000];
        for (int number = 2; number < composite.Length; number++)
        {
            Assert.Equal(!composite[number], Primes.IsPrime(number));
            for (int multiple = 2 * number; multiple < composite.Length; multiple += number)
            {
                composite[multiple] = true;
            }
        }
    }

    [Theory]
    [InlineData(int.MinValue, false)]
    [InlineData(-7, false)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(65537, true)]
    [InlineData(5000011, true)]
    [InlineData(5000009, false)]
    [InlineData(46337 * 46337, false)]
    [InlineData(int.MaxValue, true)]
    public void IsPrime_Known_Agrees(int number, bool prime) => Assert.Equal(prime, Primes.IsPrime(number));
}
