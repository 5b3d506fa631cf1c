using System.Collections.Concurrent;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Mesh.Client.AspNetCore.Health;

/// <summary>What a check found: a word for each thing, and why it is not well.</summary>
internal sealed class HealthFindings
{
    private readonly ConcurrentDictionary<string, object> _words = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _failures = [];
    private readonly ConcurrentQueue<string> _warnings = [];

    public void Note(string what, string word) => _words[what] = word;

    public void Degrade(string what, string word, string why)
    {
        _words[what] = word;
        _warnings.Enqueue(why);
    }

    public void Fail(string what, string word, string why)
    {
        _words[what] = word;
        _failures.Enqueue(why);
    }

    /// <param name="failure">What the application takes a failure for.</param>
    public HealthCheckResult ToResult(HealthStatus failure)
    {
        string[] reasons = [.. _failures.Order(StringComparer.Ordinal), .. _warnings.Order(StringComparer.Ordinal)];
        return new HealthCheckResult(
            !_failures.IsEmpty ? failure : !_warnings.IsEmpty ? HealthStatus.Degraded : HealthStatus.Healthy,
            reasons.Length == 0 ? null : string.Join("; ", reasons),
            exception: null,
            _words);
    }
}
