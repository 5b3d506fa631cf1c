using Mesh.Client.Model;
using Mesh.Client.Transport;

namespace Mesh.Client.Runtime;

/// <summary>What a call tells of itself, put together only when somebody asks.</summary>
internal sealed partial class MeshCall
{
    public MeshCallInfo ToInfo()
    {
        var attempts = new List<MeshAttempt>();
        foreach ((AttemptTrace trace, string? text) in _history?.Earlier ?? [])
        {
            attempts.Add(Told(trace, text));
        }

        if (_current.Pool is not null)
        {
            attempts.Add(Told(_current, _history?.ReasonText));
        }

        long ended = _current.Ended == 0 ? service.Now : _current.Ended;
        string name = service.Name.Authority;
        return new MeshCallInfo
        {
            Service = name,
            Route = RouteName,
            Backend = Backend.Name.Authority,
            AnsweredBy = _history?.AnsweredBy,
            Attempts = attempts,
            Duration = service.Time.GetElapsedTime(_started, ended),
        };
    }

    private MeshAttempt Told(in AttemptTrace trace, string? reasonText) => new()
    {
        Endpoint = trace.Endpoint.Address.Text,
        Identity = trace.Endpoint.Transport.Peer?.Identity.Name,
        Reason = trace.Reason,
        ReasonText = reasonText,
        Outcome = trace.Outcome.Kind,
        Status = StatusOf(trace),
        Duration = service.Time.GetElapsedTime(trace.Started, trace.Ended),
        Error = trace.Error is { } error ? Words(error, trace.Endpoint.Address) : null,
    };

    private static string Words(Exception error, EndpointAddress address)
    {
        string prefix = $"{address}: ";
        string text = ConnectFailedException.In(error)?.Message ?? error.GetBaseException().Message;
        return text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text;
    }
}
