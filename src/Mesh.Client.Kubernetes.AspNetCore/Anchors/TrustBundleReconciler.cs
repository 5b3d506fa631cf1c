using k8s.Models;
using Mesh.Client.AspNetCore.Authority;
using Mesh.Client.Kubernetes.Api;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.Model;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Kubernetes.AspNetCore.Anchors;

/// <summary>
/// Brings the anchors to each namespace whose pods mount them. The control plane's own ConfigMap comes first, and says which they are;
/// the others have what it has. One that is there and is not ours is left alone.
/// </summary>
internal sealed partial class TrustBundleReconciler(
    ApiServer server,
    IResourceWatches watches,
    MeshAuthority authority,
    SharedAnchors shared,
    MeshKubernetesAuthorityOptions options,
    string ns,
    ILogger<TrustBundleReconciler> logger) : Reconciler(shared.Changed, server.Time, logger)
{
    public const string Key = "ca.crt";

    /// <summary>The annotation of the control plane's own: since when and until when each anchor holds.</summary>
    public const string Times = "mesh.client/anchors";

    private readonly ILogger _logger = logger;
    private readonly LogStorm _failed = new(server.Time, (count, seconds) => LogMoreFailed(logger, count, seconds));
    private readonly Dictionary<string, WritePace> _paces = new(StringComparer.Ordinal);
    private readonly HashSet<string> _foreign = new(StringComparer.Ordinal);
    private HashSet<string> _known = new(StringComparer.Ordinal);
    private IResourceLease<V1ConfigMap>? _maps;
    private IResourceLease<V1Namespace>? _labelled;
    private IResourceLease<V1Pod>? _pods;

    protected override string Name => $"ConfigMaps {options.TrustBundle}";

    protected override IDisposable Open()
    {
        var demand = new Pulse();
        _maps = watches.Watch(
            new ResourceQuery<V1ConfigMap>(ClusterObjects.ConfigMaps, "", FieldSelector: $"metadata.name={options.TrustBundle}"),
            shared.Changed,
            demand);
        _labelled = watches.Watch(
            new ResourceQuery<V1Namespace>(ClusterObjects.Namespaces, "", LabelSelector: $"{ClusterObjects.Inject}=enabled"),
            shared.Changed,
            demand);
        _pods = watches.Watch(
            new ResourceQuery<V1Pod>(ClusterObjects.Pods, "", LabelSelector: $"{ClusterObjects.Inject}=enabled"),
            shared.Changed,
            demand);
        return new Leases(_maps, _labelled, _pods);
    }

    protected override async Task<TimeSpan?> ReconcileAsync(CancellationToken cancellationToken)
    {
        ResourceState<V1ConfigMap> maps = _maps!.State;
        if (maps.Status is not ResourceStatus.Known)
        {
            return null;
        }

        DateTimeOffset now = Time.GetUtcNow();
        V1ConfigMap? own = maps.Items.GetValueOrDefault($"{ns}/{options.TrustBundle}");
        bool isForeign = IsForeign(own, ns);
        authority.NoteAnchors(isForeign
            ? $"ConfigMap {ns}/{options.TrustBundle}: the control plane did not make it, and publishes its anchors nowhere; delete it, or "
                + $"name another in {options.SectionPath}:{nameof(options.TrustBundle)}"
            : null);
        AnchorPlan? written = own is null || isForeign
            ? null
            : AnchorPlan.TryRead(Value(own.Data, Key), Value(own.Metadata.Annotations, Times));

        // Where somebody has deleted or changed it, what it was last.
        AnchorPlan? last = written ?? shared.Published;
        AnchorPlan? plan = shared.OfIssuer is { } issuer ? AnchorPlan.Next(last, issuer, now, options.AnchorOverlap) : last;
        if (plan?.ToBundle() is not { } bundle)
        {
            return null;
        }

        Tell(plan);
        TimeSpan? next = plan.FirstEnd - now;
        if (!isForeign && !(written?.Text == plan.Text && Value(own!.Data, Key) == plan.Pem))
        {
            if (PaceOf(ns).Next() is { } wait)
            {
                return Sooner(next, wait);
            }

            await ApplyAsync(ns, plan.Pem, plan.Text, own, cancellationToken).ConfigureAwait(false);
            LogPublished(ns, options.TrustBundle);
        }

        shared.Published = plan;
        shared.IsRecorded = !isForeign;
        authority.TakeAnchors(bundle);
        return isForeign ? next : Sooner(next, await CopyAsync(maps, plan.Pem, cancellationToken).ConfigureAwait(false));
    }

    private static TimeSpan? Sooner(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other ?? one : one;

    private static string? Value(IDictionary<string, string>? all, string key) =>
        all is not null && all.TryGetValue(key, out string? value) ? value : null;

    // An anchor that neither the issuer has nor this process knows is believed because of where it is written.
    private void Tell(AnchorPlan plan)
    {
        foreach (Anchor anchor in plan.Anchors.Where(anchor => anchor.Until is not null && !_known.Contains(anchor.Thumbprint)))
        {
            LogAdopted($"{ns}/{options.TrustBundle}", anchor.Thumbprint, anchor.Until!.Value);
        }

        _known = [.. plan.Anchors.Select(anchor => anchor.Thumbprint)];
    }

    private async Task<TimeSpan?> CopyAsync(ResourceState<V1ConfigMap> maps, string pem, CancellationToken cancellationToken)
    {
        TimeSpan? next = null;
        SortedSet<string> targets = Targets(maps);
        foreach (string target in targets)
        {
            next = Sooner(next, await CopyAsync(maps, target, pem, cancellationToken).ConfigureAwait(false));
        }

        // Of namespaces that are gone nothing is kept.
        targets.Add(ns);
        _foreign.IntersectWith(targets);
        foreach (string gone in _paces.Keys.Where(target => !targets.Contains(target)).ToArray())
        {
            _paces.Remove(gone);
        }

        return next;
    }

    // Those that have one already go on having it: pods mount it, whoever asked for it then.
    private SortedSet<string> Targets(ResourceState<V1ConfigMap> maps)
    {
        var all = new SortedSet<string>(StringComparer.Ordinal);
        all.UnionWith(_labelled!.State.Items.Values
            .Where(item => item.Metadata.DeletionTimestamp is null)
            .Select(item => item.Metadata.Name));
        all.UnionWith(_pods!.State.Items.Values
            .Where(item => item.Metadata.DeletionTimestamp is null)
            .Select(item => item.Metadata.NamespaceProperty));
        all.UnionWith(maps.Items.Values
            .Where(map => ClusterObjects.IsOurs(map.Metadata, ns))
            .Select(map => map.Metadata.NamespaceProperty));
        all.Remove(ns);
        return all;
    }

    /// <returns>In how long to try again; null: it has them.</returns>
    private async Task<TimeSpan?> CopyAsync(
        ResourceState<V1ConfigMap> maps, string target, string pem, CancellationToken cancellationToken)
    {
        V1ConfigMap? map = maps.Items.GetValueOrDefault($"{target}/{options.TrustBundle}");
        if (IsForeign(map, target) || Value(map?.Data, Key) == pem)
        {
            return null;
        }

        WritePace pace = PaceOf(target);
        if (pace.Next() is { } wait)
        {
            return wait;
        }

        try
        {
            await ApplyAsync(target, pem, text: null, map, cancellationToken).ConfigureAwait(false);
            LogPublished(target, options.TrustBundle);
        }
        catch (ApiException exception) when (exception.Failure is ApiFailure.NotServed or ApiFailure.Ending or ApiFailure.Conflict)
        {
            // There is no such namespace any more, or the watch brings what somebody else has made there.
        }
        catch (ApiException exception) when (exception.Failure is not (ApiFailure.Unreachable or ApiFailure.Busy))
        {
            // That of one namespace must not keep the others from theirs.
            if (_failed.Allows())
            {
                LogFailed(target, options.TrustBundle, exception.Message);
            }
        }

        return pace.Next();
    }

    private WritePace PaceOf(string target)
    {
        if (!_paces.TryGetValue(target, out WritePace? pace))
        {
            _paces.Add(target, pace = new WritePace(Time));
        }

        return pace;
    }

    private bool IsForeign(V1ConfigMap? map, string target)
    {
        bool isForeign = map is not null && !ClusterObjects.IsOurs(map.Metadata, ns);
        if (!isForeign)
        {
            _foreign.Remove(target);
        }
        else if (_foreign.Add(target))
        {
            LogForeign(target, options.TrustBundle);
        }

        return isForeign;
    }

    /// <param name="target">The namespace.</param>
    /// <param name="pem">The anchors.</param>
    /// <param name="text">Of the plan; null: it is a copy.</param>
    /// <param name="seen">The one that is there, and ours; null: none is known, and what there is all the same is somebody else's.</param>
    /// <param name="cancellationToken">Ends it.</param>
    private Task<V1ConfigMap> ApplyAsync(string target, string pem, string? text, V1ConfigMap? seen, CancellationToken cancellationToken)
    {
        var map = new V1ConfigMap
        {
            ApiVersion = "v1",
            Kind = "ConfigMap",
            Metadata = new V1ObjectMeta
            {
                Name = options.TrustBundle,
                NamespaceProperty = target,
                ResourceVersion = seen?.Metadata.ResourceVersion,
                Annotations = text is null ? ClusterObjects.Mark(ns) : ClusterObjects.Mark(ns, (Times, text)),
            },
            Data = new Dictionary<string, string> { [Key] = pem },
        };
        return server.WriteAsync<V1ConfigMap>(
            ApiWrite.Apply(
                ClusterObjects.ConfigMaps.In(target), options.TrustBundle, ClusterObjects.Maker(ns), map, force: seen is not null),
            cancellationToken);
    }

    [LoggerMessage(EventId = 11, EventName = "TrustBundlePublished", Level = LogLevel.Information,
        Message = "Namespace {Namespace} has the anchors in its ConfigMap {Name}.")]
    private partial void LogPublished(string @namespace, string name);

    [LoggerMessage(EventId = 12, EventName = "TrustBundleNotPublished", Level = LogLevel.Warning,
        Message = "Namespace {Namespace} does not get the anchors in a ConfigMap {Name}, and its pods that mount it do not start: "
            + "{Problem}. It is tried again within a minute.")]
    private partial void LogFailed(string @namespace, string name, string problem);

    [LoggerMessage(EventId = 13, EventName = "TrustBundleForeign", Level = LogLevel.Warning,
        Message = "Namespace {Namespace} has a ConfigMap {Name} that the control plane did not make, and which it leaves alone: "
            + "whoever made it has to keep the anchors in it.")]
    private partial void LogForeign(string @namespace, string name);

    [LoggerMessage(EventId = 14, EventName = "MoreTrustBundlesNotPublished", Level = LogLevel.Warning,
        Message = "{Count} more namespaces did not get the anchors in the last {Seconds} s.")]
    private static partial void LogMoreFailed(ILogger logger, int count, double seconds);

    [LoggerMessage(EventId = 15, EventName = "AnchorAdopted", Level = LogLevel.Warning,
        Message = "ConfigMap {Name} has an anchor that the issuer does not have, SHA-256 {Anchor}. Workloads trust it until {Until:u}: "
            + "normal after a change of the root. Whoever may write this ConfigMap may add one.")]
    private partial void LogAdopted(string name, string anchor, DateTimeOffset until);

    private sealed class Leases(params IDisposable[] all) : IDisposable
    {
        public void Dispose() => Array.ForEach(all, lease => lease.Dispose());
    }
}
