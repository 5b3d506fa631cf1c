using Mesh.Client.Balancing;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Configuration;

internal static class LoadBalancingRules
{
    private const int MostSlots = 5_000_011;
    private const int MostRingEntries = 8_388_608;
    private const int MostChoices = 100;

    private static readonly Bound<LoadBalancingOptions, int> MinRingSize =
        new(nameof(LoadBalancingOptions.MinRingSize), o => o.MinRingSize, LoadBalancingPolicy.Default.MinRingSize);

    private static readonly Bound<LoadBalancingOptions, int> MaxRingSize =
        new(nameof(LoadBalancingOptions.MaxRingSize), o => o.MaxRingSize, LoadBalancingPolicy.Default.MaxRingSize);

    /// <param name="layers">The section itself and those that it inherits from.</param>
    /// <param name="policies">What a policy may be named.</param>
    public static void Validate(string path, LoadBalancingOptions?[] layers, PolicyNames policies, Problems problems)
    {
        if (layers[0] is not { } own)
        {
            return;
        }

        if (own.Policy is { } policy && policies.Problem(policy) is { } problem)
        {
            problems.Add($"{path}:{nameof(own.Policy)}", problem);
        }

        if (own.TableSize is { } size && !(size <= MostSlots && Primes.IsPrime(size)))
        {
            problems.Add($"{path}:{nameof(own.TableSize)}", $"{size} is no prime up to {MostSlots}, such as 65537");
        }

        problems.Range($"{path}:{nameof(own.MinRingSize)}", own.MinRingSize, 1, MostRingEntries);
        problems.Range($"{path}:{nameof(own.MaxRingSize)}", own.MaxRingSize, 1, MostRingEntries);
        OrderRule.Validate(path, layers, MinRingSize, MaxRingSize, problems);
        if (own.HashFunction is { } function && !Enum.IsDefined(function))
        {
            problems.Add($"{path}:{nameof(own.HashFunction)}", $"{(int)function} is unknown");
        }

        if (own.BoundedLoad is { } bound && bound is not 0 and < 100)
        {
            problems.Add($"{path}:{nameof(own.BoundedLoad)}", $"{bound} is no percentage from 100, such as 125, nor 0 for no bound");
        }

        problems.Range($"{path}:{nameof(own.ChoiceCount)}", own.ChoiceCount, 2, MostChoices);
        for (int i = 0; i < (own.HashOn?.Count ?? 0); i++)
        {
            ValidateHashOn($"{path}:{nameof(own.HashOn)}:{i}", own.HashOn![i], problems);
        }
    }

    private static void ValidateHashOn(string path, HashOnOptions? on, Problems problems)
    {
        string?[] names = [on?.Header, on?.Cookie, on?.Query, on?.Path == true ? nameof(on.Path) : null];
        if (names.Count(name => name is not null) != 1)
        {
            problems.Add(path, "needs exactly one of Header, Cookie, Query and Path");
            return;
        }

        ValidateToken($"{path}:{nameof(on.Header)}", on!.Header, problems);
        ValidateToken($"{path}:{nameof(on.Cookie)}", on.Cookie, problems);
        if (on.Query is "")
        {
            problems.Add($"{path}:{nameof(on.Query)}", "empty");
        }
    }

    private static void ValidateToken(string path, string? name, Problems problems)
    {
        if (name is not null && !HttpTokens.IsToken(name))
        {
            problems.Add(path, name.Length == 0 ? "empty" : $"'{name}' has a character that HTTP does not allow in such a name");
        }
    }
}
