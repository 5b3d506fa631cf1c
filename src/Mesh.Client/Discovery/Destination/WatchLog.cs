using System.Collections.Concurrent;
using Mesh.Client.Model;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Discovery.Destination;

/// <summary>What a source tells people of its control plane: outages, refusals, and each kind of bad input once.</summary>
internal sealed partial class WatchLog
{
    private readonly ConcurrentDictionary<string, bool> _reported = new(StringComparer.Ordinal);
    private readonly string _source;
    private readonly ILogger _logger;
    private readonly Action<BadInput>? _badInput;
    private readonly LogStorm _lost;
    private readonly LogStorm _found;
    private readonly LogStorm _refused;
    private readonly LogStorm _policies;

    /// <param name="source">The control plane, in words.</param>
    /// <param name="time">Measures how much of an outage is told at once: it is one for every service.</param>
    /// <param name="logger">Told.</param>
    /// <param name="badInput">Told of every bad input: a counter.</param>
    public WatchLog(string source, TimeProvider time, ILogger logger, Action<BadInput>? badInput)
    {
        _source = source;
        _logger = logger;
        _badInput = badInput;
        Reporter = Report;
        _lost = new LogStorm(time, (count, seconds) => LogMoreLost(source, count, seconds));
        _found = new LogStorm(time, (count, seconds) => LogMoreFound(source, count, seconds));
        _refused = new LogStorm(time, (count, seconds) => LogMoreRefused(source, count, seconds));
        _policies = new LogStorm(time, (count, seconds) => LogMorePolicyProblems(source, count, seconds));
    }

    /// <summary><see cref="Report"/>, made once for all services.</summary>
    public Action<BadInput> Reporter { get; }

    public void Report(BadInput input)
    {
        _badInput?.Invoke(input);
        if (_reported.TryAdd(input.Kind, true))
        {
            LogBadInput(_source, input.Text);
        }
    }

    /// <summary>Bad input of a policy, which has no kinds: whoever reports it does so once.</summary>
    public void ReportPolicy(ServiceName service, string problem, bool isNew)
    {
        _badInput?.Invoke(new BadInput("policy", problem));
        if (isNew && _policies.Allows())
        {
            LogPolicyProblem(_source, service, problem);
        }
    }

    /// <summary>For one service's watch.</summary>
    public IOutageListener For(ServiceName service) => new Listener(this, service);

    [LoggerMessage(EventId = 1, EventName = "ControlPlaneLost", Level = LogLevel.Warning,
        Message = "The {Source} is out of reach for {Service}: {Reason}. The last state stands.")]
    private partial void LogLost(string source, ServiceName service, string reason);

    [LoggerMessage(EventId = 2, EventName = "ControlPlaneFound", Level = LogLevel.Information,
        Message = "The {Source} answers again for {Service}.")]
    private partial void LogFound(string source, ServiceName service);

    [LoggerMessage(EventId = 3, EventName = "ServiceRefused", Level = LogLevel.Warning,
        Message = "The {Source} refuses {Service}: {Reason}. It is asked again, less and less often.")]
    private partial void LogRefused(string source, ServiceName service, string reason);

    [LoggerMessage(EventId = 4, EventName = "BadInput", Level = LogLevel.Warning,
        Message = "The {Source} sent what makes no sense; it was left out: {Problem}. Further ones of this kind are not logged.")]
    private partial void LogBadInput(string source, string problem);

    [LoggerMessage(EventId = 5, EventName = "PolicyProblem", Level = LogLevel.Warning,
        Message = "The policy that the {Source} sent for {Service} holds but for what was left out: {Problem}")]
    private partial void LogPolicyProblem(string source, ServiceName service, string problem);

    [LoggerMessage(EventId = 6, EventName = "ControlPlaneLostForMore", Level = LogLevel.Warning,
        Message = "The {Source} went out of reach for {Count} more services in the last {Seconds} s. Their last states stand.")]
    private partial void LogMoreLost(string source, int count, double seconds);

    [LoggerMessage(EventId = 7, EventName = "ControlPlaneFoundForMore", Level = LogLevel.Information,
        Message = "The {Source} answers again for {Count} more services since the last {Seconds} s.")]
    private partial void LogMoreFound(string source, int count, double seconds);

    [LoggerMessage(EventId = 8, EventName = "MoreServicesRefused", Level = LogLevel.Warning,
        Message = "The {Source} refused {Count} more services in the last {Seconds} s. They are asked for again, less and less often.")]
    private partial void LogMoreRefused(string source, int count, double seconds);

    [LoggerMessage(EventId = 9, EventName = "MorePolicyProblems", Level = LogLevel.Warning,
        Message = "The {Source} sent {Count} more policies of which something was left out, in the last {Seconds} s.")]
    private partial void LogMorePolicyProblems(string source, int count, double seconds);

    private sealed class Listener(WatchLog log, ServiceName service) : IOutageListener
    {
        public void Lost(string reason)
        {
            if (log._lost.Allows())
            {
                log.LogLost(log._source, service, reason);
            }
        }

        public void Found()
        {
            if (log._found.Allows())
            {
                log.LogFound(log._source, service);
            }
        }

        public void Refused(string reason)
        {
            if (log._refused.Allows())
            {
                log.LogRefused(log._source, service, reason);
            }
        }
    }
}
