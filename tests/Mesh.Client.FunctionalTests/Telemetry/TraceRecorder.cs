using System.Collections.Concurrent;
using System.Diagnostics;
using Mesh.Client.FunctionalTests.Hosting;

namespace Mesh.Client.FunctionalTests.Telemetry;

/// <summary>
/// An application's own activity, current from here on, and the spans below it or linked to its trace. Listens to the whole process, but
/// wants nothing of other traces.
/// </summary>
internal sealed class TraceRecorder : IDisposable
{
    public const string Mesh = "Mesh.Client";
    public const string Http = "System.Net.Http";
    public const string Server = "Microsoft.AspNetCore";

    private readonly ActivityListener _listener;
    private readonly ConcurrentDictionary<ActivityTraceId, bool> _traces = new();
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ConcurrentQueue<Activity> _started = new();

    public TraceRecorder(params string[] sources)
        : this(ActivitySamplingResult.AllDataAndRecorded, sources)
    {
    }

    public TraceRecorder(ActivitySamplingResult sampling, params string[] sources)
    {
        Root = Begin();
        Root.ActivityTraceFlags = sampling is ActivitySamplingResult.AllDataAndRecorded ? ActivityTraceFlags.Recorded : default;
        _traces[Root.TraceId] = true;
        _listener = new ActivityListener
        {
            ShouldListenTo = source => sources.Length == 0 ? source.Name == Mesh : sources.Contains(source.Name),
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => IsOurs(options) ? sampling : ActivitySamplingResult.None,
            ActivityStarted = activity =>
            {
                if (IsOurs(activity))
                {
                    _traces[activity.TraceId] = true;
                    _started.Enqueue(activity);
                }
            },
            ActivityStopped = activity =>
            {
                if (IsOurs(activity))
                {
                    _ended.Enqueue(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The application's own.</summary>
    public Activity Root { get; }

    /// <summary>Spans that have ended, in that order.</summary>
    public Activity[] Ended => [.. _ended];

    /// <summary>Spans of calls.</summary>
    public Activity[] Calls => Ended.Where(span => span.OperationName == "Mesh.Client.Call").ToArray();

    /// <summary>Spans of attempts, as they began.</summary>
    public Activity[] Attempts =>
        Ended.Where(span => span.OperationName == "Mesh.Client.Attempt").OrderBy(span => Array.IndexOf([.. _started], span)).ToArray();

    /// <summary>Begins an activity of nobody's, as an application that is not traced has it.</summary>
    public static Activity Begin() => new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();

    /// <summary>The only call's span, once it has ended.</summary>
    public async Task<Activity> CallAsync()
    {
        await Eventually.TrueAsync(() => Calls.Length > 0);
        return Assert.Single(Calls);
    }

    /// <summary>Waits until all that began has ended.</summary>
    public Task AllEndedAsync() => Eventually.TrueAsync(() => !_ended.IsEmpty && _ended.Count == _started.Count);

    public void Dispose()
    {
        _listener.Dispose();
        Root.Stop();
    }

    private bool IsOurs(in ActivityCreationOptions<ActivityContext> options) =>
        _traces.ContainsKey(options.Parent.TraceId) || options.Links?.Any(link => _traces.ContainsKey(link.Context.TraceId)) == true;

    private bool IsOurs(Activity activity) =>
        _traces.ContainsKey(activity.TraceId) || activity.Links.Any(link => _traces.ContainsKey(link.Context.TraceId));
}
