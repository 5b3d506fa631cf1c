namespace Mesh.Client.AspNetCore.Server;

/// <summary>
/// Keeps what strangers can cause from filling the log: the same text once in ten minutes, and at most 20 texts in that time.
/// </summary>
internal sealed class LogLimit(TimeProvider time)
{
    private const int MaxTexts = 20;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly HashSet<string> _logged = new(StringComparer.Ordinal);
    private DateTimeOffset _since;

    /// <summary>Whether a text may be logged now; the answer is yes once.</summary>
    public bool Allows(string text)
    {
        lock (_lock)
        {
            DateTimeOffset now = time.GetUtcNow();
            if (now - _since >= Window)
            {
                _since = now;
                _logged.Clear();
            }

            return _logged.Count < MaxTexts && _logged.Add(text);
        }
    }
}
