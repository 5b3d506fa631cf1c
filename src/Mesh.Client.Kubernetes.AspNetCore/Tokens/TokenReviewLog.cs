using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Kubernetes.AspNetCore.Tokens;

/// <summary>What people have to do something about, for tokens to be judged. Each refused token is logged by the authority.</summary>
internal sealed partial class TokenReviewLog
{
    private readonly ILogger _logger;
    private readonly LogStorm _denied;
    private readonly LogStorm _unavailable;

    public TokenReviewLog(TimeProvider time, ILogger<TokenReviewValidator> logger)
    {
        _logger = logger;
        _denied = new LogStorm(time, LogMore);
        _unavailable = new LogStorm(time, LogMore);
    }

    /// <param name="server">Asked.</param>
    /// <param name="problem">Names the verb and the resource.</param>
    public void Denied(string server, string problem)
    {
        if (_denied.Allows())
        {
            LogDenied(server, problem);
        }
    }

    public void Unavailable(string server, string problem)
    {
        if (_unavailable.Allows())
        {
            LogUnavailable(server, problem);
        }
    }

    [LoggerMessage(EventId = 1, EventName = "TokenReviewDenied", Level = LogLevel.Error,
        Message = "No token can be judged, and no certificate given: {Server}: {Problem}.")]
    private partial void LogDenied(string server, string problem);

    [LoggerMessage(EventId = 2, EventName = "TokenReviewUnavailable", Level = LogLevel.Warning,
        Message = "A token could not be judged: {Server}: {Problem}. The workload asks again.")]
    private partial void LogUnavailable(string server, string problem);

    [LoggerMessage(EventId = 3, EventName = "MoreTokensNotJudged", Level = LogLevel.Warning,
        Message = "{Count} more tokens could not be judged in the last {Seconds} s.")]
    private partial void LogMore(int count, double seconds);
}
