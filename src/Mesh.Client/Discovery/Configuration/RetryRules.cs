using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Configuration;

internal static class RetryRules
{
    private const string UnknownCondition =
        "no condition; write one such as gateway-error, 503, 500-504 or a gRPC status such as unavailable";

    private static readonly Bound<RetryOptions, TimeSpan> MinBackoff =
        new(nameof(RetryOptions.MinBackoff), o => o.MinBackoff, RetryPolicy.Default.MinBackoff);

    private static readonly Bound<RetryOptions, TimeSpan> MaxBackoff =
        new(nameof(RetryOptions.MaxBackoff), o => o.MaxBackoff, RetryPolicy.Default.MaxBackoff);

    /// <param name="layers">The section itself and those that it inherits from.</param>
    public static void Validate(string path, RetryOptions?[] layers, Problems problems)
    {
        if (layers[0] is not { } own)
        {
            return;
        }

        problems.Range($"{path}:{nameof(own.MaxRetries)}", own.MaxRetries, 0, 10);
        ValidateEach($"{path}:{nameof(own.On)}", own.On, RetryConditionNames.IsKnown, UnknownCondition, problems);
        ValidateEach($"{path}:{nameof(own.Methods)}", own.Methods, HttpTokens.IsToken, "no HTTP method", problems);
        ValidateBudget($"{path}:{nameof(own.Budget)}", own.Budget, problems);
        problems.Positive($"{path}:{nameof(own.MinBackoff)}", own.MinBackoff);
        problems.Positive($"{path}:{nameof(own.MaxBackoff)}", own.MaxBackoff);
        OrderRule.Validate(path, layers, MinBackoff, MaxBackoff, problems);
        problems.Positive($"{path}:{nameof(own.MaxRetryAfter)}", own.MaxRetryAfter);
    }

    private static void ValidateBudget(string path, RetryBudgetOptions? budget, Problems problems)
    {
        problems.Range($"{path}:{nameof(budget.Ratio)}", budget?.Ratio, 0, 1000);
        problems.AtLeast($"{path}:{nameof(budget.MinPerSecond)}", budget?.MinPerSecond, 0);
        problems.Range($"{path}:{nameof(budget.Window)}", budget?.Window, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
    }

    private static void ValidateEach(string path, IList<string>? texts, Func<string, bool> valid, string problem, Problems problems)
    {
        for (int i = 0; i < (texts?.Count ?? 0); i++)
        {
            if (texts![i] is not { } text || !valid(text))
            {
                problems.Add($"{path}:{i}", $"'{texts[i]}' is {problem}");
            }
        }
    }
}
