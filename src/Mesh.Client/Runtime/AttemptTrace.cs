using Mesh.Client.Resilience;

namespace Mesh.Client.Runtime;

/// <summary>What is kept of one try until somebody asks.</summary>
internal struct AttemptTrace
{
    public EndpointRuntime Endpoint;
    public string? Error;
    public long Started;
    public long Ended;
    public AttemptOutcome Outcome;
    public PickReason Reason;
}
