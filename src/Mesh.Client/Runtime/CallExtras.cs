using Mesh.Client.Model;
using Mesh.Client.Telemetry.Tracing;

namespace Mesh.Client.Runtime;

/// <summary>What few calls have. Apart from their history, so that the others do not pay for it.</summary>
internal sealed class CallExtras
{
    public UnreachedEndpoints? Unreached { get; set; }

    public RequestDemands? Demands { get; set; }

    public MeshFailure? Failure { get; set; }

    public LimitKind? RefusedBy { get; set; }

    public (string Backend, LimitKind Limit)? Shed { get; set; }

    public bool IsGivenUp { get; set; }

    public long Sent { get; set; }

    public CallTrace? Trace { get; set; }
}
