using Microsoft.Extensions.Logging;

namespace Mesh.Client.AspNetCore.Authority;

/// <summary>Logs refused requests: at most ten in ten seconds, and how many more there were.</summary>
internal sealed partial class RefusalLog(TimeProvider time, ILogger<RefusalLog> logger)
{
    private const int MaxInWindow = 10;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private DateTimeOffset _begin;
    private int _logged;
    private int _left;

    /// <param name="identity">What was asked for; text of this process's own where it was no name.</param>
    /// <param name="reason">Without anything of the token.</param>
    public void Refused(string identity, string reason)
    {
        int left;
        lock (_lock)
        {
            DateTimeOffset now = time.GetUtcNow();
            if (now - _begin >= Window)
            {
                (_begin, _logged) = (now, 0);
            }

            if (_logged >= MaxInWindow)
            {
                _left++;
                return;
            }

            _logged++;
            (left, _left) = (_left, 0);
        }

        LogRefused(identity, reason, left);
    }

    [LoggerMessage(EventId = 1, EventName = "CertificateRefused", Level = LogLevel.Warning,
        Message = "No certificate for {Identity}: {Reason}. {Unlogged} refusals before it were not logged.")]
    private partial void LogRefused(string identity, string reason, int unlogged);
}
