using Mesh.Client.Discovery.Destination;
using Mesh.Client.Model;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Kubernetes.Source;

/// <summary>What the source tells people: what it may not read and does without, and what was left out of a service.</summary>
internal sealed partial class SourceLog
{
    private readonly ToldOnce<string> _denied = new();
    private readonly ToldOnce<ServiceName> _crowded = new();
    private readonly string _source;
    private readonly ILogger _logger;
    private readonly Action<BadInput>? _badInput;
    private readonly LogStorm _problems;

    public SourceLog(string source, TimeProvider time, ILogger logger, Action<BadInput>? badInput)
    {
        (_source, _logger, _badInput) = (source, logger, badInput);
        _problems = new LogStorm(time, (count, seconds) => LogMoreProblems(source, count, seconds));
    }

    /// <summary>Something that is of use and not needed; told once.</summary>
    /// <param name="problem">Names verb and resource.</param>
    /// <param name="without">What happens for lack of it.</param>
    public void Denied(string problem, string without)
    {
        if (_denied.IsNew(problem))
        {
            LogDenied(_source, problem, without);
        }
    }

    /// <summary>Clients of a control plane name more namespaces than are watched for one service; told once of each service.</summary>
    public void TooManyCallers(ServiceName service, string callerNamespace, int limit)
    {
        if (_crowded.IsNew(service))
        {
            LogTooManyCallers(_source, service, limit, callerNamespace);
        }
    }

    /// <summary>Something of a service that makes no sense.</summary>
    /// <param name="isNew">Whether it was not told before.</param>
    public void Report(ServiceName service, string problem, bool isNew)
    {
        _badInput?.Invoke(new BadInput("kubernetes", problem));
        if (isNew && _problems.Allows())
        {
            LogProblem(_source, service, problem);
        }
    }

    [LoggerMessage(EventId = 101, EventName = "KubernetesReadDenied", Level = LogLevel.Warning,
        Message = "{Source}: {Problem}. {Without}")]
    private partial void LogDenied(string source, string problem, string without);

    [LoggerMessage(EventId = 102, EventName = "KubernetesServiceProblem", Level = LogLevel.Warning,
        Message = "What {Source} says of {Service} holds but for what was left out: {Problem}")]
    private partial void LogProblem(string source, ServiceName service, string problem);

    [LoggerMessage(EventId = 103, EventName = "MoreKubernetesServiceProblems", Level = LogLevel.Warning,
        Message = "{Source} says {Count} more things of services of which something was left out, in the last {Seconds} s.")]
    private partial void LogMoreProblems(string source, int count, double seconds);

    [LoggerMessage(EventId = 104, EventName = "TooManyCallerNamespaces", Level = LogLevel.Warning,
        Message = "{Source}: callers of {Service} name more than {Limit} namespaces. Those of further ones, {Namespace} for one, have "
            + "its routes as callers of its own namespace do, and no consumer routes.")]
    private partial void LogTooManyCallers(string source, ServiceName service, int limit, string @namespace);
}
