namespace Mesh.Client.Balancing;

/// <summary>Which numbers a Maglev table may have as its size.</summary>
internal static class Primes
{
    /// <summary>By trial division: at most 1118 steps for the largest table.</summary>
    public static bool IsPrime(int number)
    {
        if (number < 4)
        {
            return number >= 2;
        }

        if (number % 2 == 0)
        {
            return false;
        }

        for (int divisor = 3; divisor <= number / divisor; divisor += 2)
        {
            if (number % divisor == 0)
            {
                return false;
            }
        }

        return true;
    }
}
