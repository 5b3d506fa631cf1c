using System.Collections.Concurrent;
using Mesh.Client.Model;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Discovery.Destination;

/// <summary>What a source tells people of its control plane: outages, refusals, and each kind of bad input once.</summary>
internal sealed partial class WatchLog
{
    private readonly ConcurrentDictionary<string, bool> _reported = new(StringComparer.Ordinal);
    private readonly string _source;
    private readonly ILogger _logger;
    private readonly Action<BadInput>? _badInput;

    /// <param name="source">The control plane, in words.</param>
    /// <param name="logger">Told.</param>
    /// <param name="badInput">Told of every bad input: a counter.</param>
    public WatchLog(string source, ILogger logger, Action<BadInput>? badInput)
    {
        _source = source;
        _logger = logger;
        _badInput = badInput;
        Reporter = Report;
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
        if (isNew)
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

    private sealed class Listener(WatchLog log, ServiceName service) : IOutageListener
    {
        public void Lost(string reason) => log.LogLost(log._source, service, reason);

        public void Found() => log.LogFound(log._source, service);

        public void Refused(string reason) => log.LogRefused(log._source, service, reason);
    }
}
