using Mesh.Client.Resilience;

namespace Mesh.Client.Runtime;

/// <summary>What is kept of one try until somebody asks.</summary>
internal struct AttemptTrace
{
    /// <summary>Null before the first attempt.</summary>
    public EndpointPool Pool;

    public Exception? Error;
    public long Started;
    public long Ended;
    public AttemptOutcome Outcome;
    public PickReason Reason;

    /// <summary>What the endpoint gave at the beginning and wants back at the end.</summary>
    public int Turn;

    /// <summary>In place of what it was: field by field, since a call holds it.</summary>
    public void Begin(EndpointPool pool, int turn, PickReason reason, long started)
    {
        (Pool, Turn, Reason, Started) = (pool, turn, reason, started);
        (Error, Ended, Outcome) = (null, 0, default);
    }

    public readonly EndpointRuntime Endpoint => Pool.Endpoint;
}
