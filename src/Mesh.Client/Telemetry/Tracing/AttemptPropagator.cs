using System.Diagnostics;
using System.Net.Http.Headers;

namespace Mesh.Client.Telemetry.Tracing;

/// <summary>
/// Forwards what another propagator does, of a span that is exported. The connection's handler makes one of its own for each request that
/// has a parent, whether or not anybody listens to it: where nobody does, the server's parent would be a span that does not exist.
/// </summary>
internal sealed class AttemptPropagator(DistributedContextPropagator inner) : DistributedContextPropagator
{
    private const string TraceParent = "traceparent";

    public override IReadOnlyCollection<string> Fields => inner.Fields;

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
        Activity? exported = Exported(activity);
        if (carrier is HttpRequestMessage request && IsOfAttempt(exported))
        {
            ForgetEarlier(request, exported!.TraceId);
        }

        inner.Inject(exported, carrier, setter);
    }

    public override void ExtractTraceIdAndState(
        object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
        inner.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) =>
        inner.ExtractBaggage(carrier, getter);

    private static bool IsOfAttempt(Activity? activity) =>
        activity is not null && (MeshTracing.Made(activity) || (activity.Parent is { } attempt && MeshTracing.Made(attempt)));

    // A header that is there stays, and a request that is sent again has its first attempt's. One of another trace is the caller's own.
    private static void ForgetEarlier(HttpRequestMessage request, ActivityTraceId trace)
    {
        if (request.Headers.NonValidated.TryGetValues(TraceParent, out HeaderStringValues values)
            && ActivityContext.TryParse(values.ToString(), null, out ActivityContext earlier)
            && earlier.TraceId == trace)
        {
            request.Headers.Remove(TraceParent);
        }
    }

    // No listener made it, so it has no source.
    private static Activity? Exported(Activity? activity) =>
        activity is { Source.Name.Length: 0, Parent: { } attempt } && MeshTracing.Made(attempt) ? attempt : activity;
}
