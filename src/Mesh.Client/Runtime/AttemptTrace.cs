using Mesh.Client.Resilience;

namespace Mesh.Client.Runtime;

/// <summary>What is kept of one try until somebody asks.</summary>
internal struct AttemptTrace
{
    public EndpointRuntime Endpoint;
    public Exception? Error;
    public long Started;
    public long Ended;
    public AttemptOutcome Outcome;
    public PickReason Reason;

    /// <summary>What the endpoint gave at the beginning and wants back at the end.</summary>
    public int Turn;
}
