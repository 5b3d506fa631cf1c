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
    InjectedNamespaces injected,
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
    private DateTimeOffset? _ownAgain;
    private IResourceLease<V1ConfigMap>? _maps;
    private IResourceLease<V1Namespace>? _labelled;

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
        return new Leases(_maps, _labelled);
    }

    protected override async Task<DateTimeOffset?> ReconcileAsync(CancellationToken cancellationToken)
    {
        ResourceState<V1ConfigMap> maps = _maps!.State;
        if (maps.Status is not ResourceStatus.Known)
        {
            return null;
        }

        DateTimeOffset now = Time.GetUtcNow();
        AnchorPlan? plan = await OwnAsync(maps, now, cancellationToken).ConfigureAwait(false);
        if (plan?.ToBundle() is not { } bundle)
        {
            return null;
        }

        shared.Published = plan;
        authority.TakeAnchors(bundle);
        DateTimeOffset? next = Earliest(plan.FirstEnd, _ownAgain);
        foreach (string target in Targets(maps))
        {
            next = Earliest(next, await CopyAsync(maps, target, plan.Pem, now, cancellationToken).ConfigureAwait(false));
        }

        return next;
    }

    private static DateTimeOffset? Earliest(DateTimeOffset? one, DateTimeOffset? other) =>
        one is null || other < one ? other ?? one : one;

    private static string? Value(IDictionary<string, string>? all, string key) =>
        all is not null && all.TryGetValue(key, out string? value) ? value : null;

    // Those that have one already go on having it: pods mount it, whoever asked for it then.
    private SortedSet<string> Targets(ResourceState<V1ConfigMap> maps)
    {
        var all = new SortedSet<string>(injected.All, StringComparer.Ordinal);
        all.UnionWith(_labelled!.State.Items.Values
            .Where(item => item.Metadata.DeletionTimestamp is null)
            .Select(item => item.Metadata.Name));
        all.UnionWith(maps.Items.Values
            .Where(map => ClusterObjects.IsOurs(map.Metadata))
            .Select(map => map.Metadata.NamespaceProperty));
        all.Remove(ns);
        return all;
    }

    /// <returns>What holds from now on; null: nobody knows yet.</returns>
    private async Task<AnchorPlan?> OwnAsync(ResourceState<V1ConfigMap> maps, DateTimeOffset now, CancellationToken cancellationToken)
    {
        V1ConfigMap? own = maps.Items.GetValueOrDefault($"{ns}/{options.TrustBundle}");
        AnchorPlan? written = AnchorPlan.TryRead(Value(own?.Data, Key), Value(own?.Metadata.Annotations, Times));

        // Where somebody has deleted or changed it, what it was last.
        AnchorPlan? last = written ?? shared.Published;
        AnchorPlan? plan = shared.OfIssuer is { } issuer ? AnchorPlan.Next(last, issuer, now, options.AnchorOverlap) : last;
        _ownAgain = null;
        if (plan is null || (written?.Text == plan.Text && Value(own!.Data, Key) == plan.Pem && ClusterObjects.IsOurs(own.Metadata)))
        {
            return plan;
        }

        if (!IsForeign(own, ns) && (_ownAgain = PaceOf(ns).Next(now)) is null)
        {
            await ApplyAsync(ns, plan.Pem, plan.Text, own?.Metadata.ResourceVersion, cancellationToken).ConfigureAwait(false);
            LogPublished(ns, options.TrustBundle);
        }

        return plan;
    }

    /// <returns>When to try again; null: it has them.</returns>
    private async Task<DateTimeOffset?> CopyAsync(
        ResourceState<V1ConfigMap> maps, string target, string pem, DateTimeOffset now, CancellationToken cancellationToken)
    {
        V1ConfigMap? map = maps.Items.GetValueOrDefault($"{target}/{options.TrustBundle}");
        if (IsForeign(map, target) || Value(map?.Data, Key) == pem)
        {
            return null;
        }

        WritePace pace = PaceOf(target);
        if (pace.Next(now) is { } later)
        {
            return later;
        }

        try
        {
            await ApplyAsync(target, pem, text: null, version: null, cancellationToken).ConfigureAwait(false);
            LogPublished(target, options.TrustBundle);
        }
        catch (ApiException exception) when (exception.Failure is ApiFailure.NotServed or ApiFailure.Ending)
        {
            // There is no such namespace any more.
            injected.Forget(target);
            _paces.Remove(target);
            return null;
        }
        catch (ApiException exception) when (exception.Failure is not ApiFailure.Unreachable)
        {
            // That of one namespace must not keep the others from theirs.
            if (_failed.Allows())
            {
                LogFailed(target, options.TrustBundle, exception.Message);
            }
        }

        return pace.Next(now);
    }

    private WritePace PaceOf(string target)
    {
        if (!_paces.TryGetValue(target, out WritePace? pace))
        {
            _paces.Add(target, pace = new WritePace());
        }

        return pace;
    }

    private bool IsForeign(V1ConfigMap? map, string target)
    {
        bool isForeign = map is not null && !ClusterObjects.IsOurs(map.Metadata);
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

    private Task<V1ConfigMap> ApplyAsync(string target, string pem, string? text, string? version, CancellationToken cancellationToken)
    {
        var map = new V1ConfigMap
        {
            ApiVersion = "v1",
            Kind = "ConfigMap",
            Metadata = new V1ObjectMeta
            {
                Name = options.TrustBundle,
                NamespaceProperty = target,
                ResourceVersion = version,
                Annotations = text is null ? ClusterObjects.Mark() : ClusterObjects.Mark((Times, text)),
            },
            Data = new Dictionary<string, string> { [Key] = pem },
        };
        return server.WriteAsync<V1ConfigMap>(
            ApiWrite.Apply(ClusterObjects.ConfigMaps.In(target), options.TrustBundle, ClusterObjects.Manager, map), cancellationToken);
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

    private sealed class Leases(params IDisposable[] all) : IDisposable
    {
        public void Dispose() => Array.ForEach(all, lease => lease.Dispose());
    }
}
