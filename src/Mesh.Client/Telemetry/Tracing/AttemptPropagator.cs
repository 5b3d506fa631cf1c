using System.Diagnostics;

namespace Mesh.Client.Telemetry.Tracing;

/// <summary>
/// Forwards what another propagator does, of a span that is exported. The connection's handler makes one of its own for each request that
/// has a parent, whether or not anybody listens to it: where nobody does, the server's parent would be a span that does not exist.
/// </summary>
internal sealed class AttemptPropagator(DistributedContextPropagator inner) : DistributedContextPropagator
{
    public override IReadOnlyCollection<string> Fields => inner.Fields;

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter) =>
        inner.Inject(Exported(activity), carrier, setter);

    public override void ExtractTraceIdAndState(
        object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
        inner.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) =>
        inner.ExtractBaggage(carrier, getter);

    // No listener made it, so it has no source.
    private static Activity? Exported(Activity? activity) =>
        activity is { Source.Name.Length: 0, Parent: { } attempt } && MeshTracing.Made(attempt) ? attempt : activity;
}
