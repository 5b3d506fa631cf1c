namespace Mesh.Client.Discovery.Configuration;

internal static class TimeoutRules
{
    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);
    public static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    private static readonly Bound<MeshTimeoutOptions, TimeSpan> Request = UpTo(nameof(MeshTimeoutOptions.Request), o => o.Request);
    private static readonly Bound<MeshTimeoutOptions, TimeSpan> AttemptMost = UpTo(nameof(MeshTimeoutOptions.Attempt), o => o.Attempt);

    private static readonly Bound<MeshTimeoutOptions, TimeSpan> Attempt =
        new(nameof(MeshTimeoutOptions.Attempt), o => o.Attempt, TimeSpan.Zero);

    private static readonly Bound<MeshTimeoutOptions, TimeSpan> ResponseHead =
        new(nameof(MeshTimeoutOptions.ResponseHead), o => o.ResponseHead, TimeSpan.Zero);

    private static readonly Bound<MeshTimeoutOptions, TimeSpan> ResponseMost = UpTo(nameof(MeshTimeoutOptions.Response), o => o.Response);

    private static readonly Bound<MeshTimeoutOptions, TimeSpan> Response =
        new(nameof(MeshTimeoutOptions.Response), o => o.Response, TimeSpan.Zero);

    /// <param name="layers">The section itself and those that it inherits from.</param>
    public static void Validate(string path, MeshTimeoutOptions?[] layers, Problems problems)
    {
        if (layers[0] is not { } own)
        {
            return;
        }

        ValidateLimit($"{path}:{nameof(own.Request)}", own.Request, problems);
        ValidateLimit($"{path}:{nameof(own.Attempt)}", own.Attempt, problems);
        ValidateLimit($"{path}:{nameof(own.ResponseHead)}", own.ResponseHead, problems);
        ValidateLimit($"{path}:{nameof(own.Response)}", own.Response, problems);
        ValidateLimit($"{path}:{nameof(own.Idle)}", own.Idle, problems);
        OrderRule.Validate(path, layers, Attempt, Request, problems);
        OrderRule.Validate(path, layers, ResponseHead, AttemptMost, problems);
        OrderRule.Validate(path, layers, ResponseHead, ResponseMost, problems);
        OrderRule.Validate(path, layers, ResponseHead, Request, problems);
        OrderRule.Validate(path, layers, Response, Request, problems);
        if (own.Header is { Length: > 0 } header && HeaderNames.DeadlineProblem(header) is { } problem)
        {
            problems.Add($"{path}:{nameof(own.Header)}", problem);
        }
    }

    private static void ValidateLimit(string path, TimeSpan? limit, Problems problems)
    {
        if (limit != TimeSpan.Zero)
        {
            problems.Range(path, limit, Shortest, Longest);
        }
    }

    /// <summary>An upper end, of which zero says that there is none.</summary>
    private static Bound<MeshTimeoutOptions, TimeSpan> UpTo(string name, Func<MeshTimeoutOptions, TimeSpan?> setting) =>
        new(name, o => setting(o) is { Ticks: 0 } ? TimeSpan.MaxValue : setting(o), TimeSpan.MaxValue);
}
