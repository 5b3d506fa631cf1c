using System.Diagnostics;

namespace Mesh.Client.Telemetry.Tracing;

/// <summary>
/// The activity source <c>Mesh.Client</c>. A span is started and ended without being left behind as the current one: calls begin in their
/// caller's context, and end wherever a body is read.
/// </summary>
internal static class MeshTracing
{
    public const string SourceName = MeshMetrics.MeterName;
    public const string CallName = "Mesh.Client.Call";
    public const string AttemptName = "Mesh.Client.Attempt";

    private static readonly ActivitySource Source = new(SourceName, typeof(MeshTracing).Assembly.GetName().Version?.ToString(3));

    /// <summary>Whether anybody listens, so that a span may come of it.</summary>
    public static bool IsListenedTo => Source.HasListeners();

    /// <summary>Whether a span is one of ours.</summary>
    public static bool Made(Activity activity) => ReferenceEquals(activity.Source, Source);

    /// <param name="name">One of the names above: what samplers decide by. The name that is shown is set later.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="parent">Null begins a trace.</param>
    /// <param name="tags">What samplers see; enumerated only when asked for.</param>
    /// <param name="links">Spans that it has to do with; null: none.</param>
    /// <returns>Null when the sampler wants none.</returns>
    public static Activity? Start(
        string name, ActivityKind kind, Activity? parent, IEnumerable<KeyValuePair<string, object?>> tags, ActivityLink[]? links = null)
    {
        var ambient = AmbientActivity.Enter(parent);
        try
        {
            return Source.StartActivity(name, kind, parentContext: default, tags, links);
        }
        finally
        {
            ambient.Leave();
        }
    }

    public static void Stop(Activity activity)
    {
        var ambient = AmbientActivity.Enter(activity);
        try
        {
            activity.Stop();
        }
        finally
        {
            ambient.Leave();
        }
    }
}
