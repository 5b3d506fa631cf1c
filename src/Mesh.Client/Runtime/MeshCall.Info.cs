namespace Mesh.Client.Runtime;

/// <summary>What a call tells of itself, put together only when somebody asks.</summary>
internal sealed partial class MeshCall
{
    public MeshCallInfo ToInfo()
    {
        var attempts = new List<MeshAttempt>();
        foreach (AttemptTrace trace in _history?.Earlier ?? [])
        {
            attempts.Add(Told(trace));
        }

        if (_current.Endpoint is not null)
        {
            attempts.Add(Told(_current));
        }

        long ended = _current.Ended == 0 ? service.Now : _current.Ended;
        string name = service.Name.Authority;
        return new MeshCallInfo(name, "default", name, attempts, service.Time.GetElapsedTime(_started, ended));
    }

    private MeshAttempt Told(in AttemptTrace trace) => new(
        trace.Endpoint.Address.Text,
        trace.Reason,
        trace.Outcome.Kind,
        trace.Outcome.Kind is AttemptResult.Success or AttemptResult.HttpStatus or AttemptResult.GrpcStatus ? trace.Outcome.StatusCode : null,
        service.Time.GetElapsedTime(trace.Started, trace.Ended),
        trace.Error?.GetBaseException().Message);
}
