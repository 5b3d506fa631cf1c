using k8s;
using k8s.Models;
using Mesh.Client.Kubernetes.Api;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Watching;

/// <summary>
/// The queries of one kind in one namespace. A few have a watch each. More than <see cref="MaxOwn"/>, or one that wants all, and a
/// single watch of the namespace serves them all; it stays while any of them does. Whoever was served before sees no gap.
/// </summary>
/// <param name="server">Where.</param>
/// <param name="type">The kind.</param>
/// <param name="namespace">Of the objects.</param>
/// <param name="log">Told of outages and refusals.</param>
/// <param name="ended">Told when the last of its queries is no longer watched. It takes no others then.</param>
internal sealed partial class ResourceFamily<T>(
    ApiServer server, ResourceType<T> type, string @namespace, ResourceLog log, Action<ResourceFamily<T>> ended)
    : IResourceFamily
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>
    /// So many queries have a watch each. Each watch costs the server a list, a stream and a bookmark a minute whatever it brings; that
    /// of a namespace brings changes that nobody here reads. Who talks to five services of a namespace talks to a good part of it.
    /// </summary>
    public const int MaxOwn = 4;

    /// <summary>So long a watch goes on after the last of its readers: another may come, and then costs nothing.</summary>
    public static readonly TimeSpan Linger = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly Dictionary<(string? Labels, string? Fields), ResourceView<T>> _views = [];
    private readonly List<Task> _stopping = [];
    private readonly WatchDemand _demand = new();
    private ResourceState<T> _state = ResourceState<T>.Unknown;
    private string? _version;
    private ReflectorRun? _whole;
    private bool _mayNotShare;
    private bool _isClosed;
    private bool _hasEnded;

    /// <returns>Null: it has ended.</returns>
    public IResourceLease<T>? Watch(ResourceQuery<T> query, Pulse changed, Pulse demand)
    {
        (string?, string?) key = (query.LabelSelector, query.FieldSelector);
        lock (_lock)
        {
            if (_hasEnded)
            {
                return null;
            }

            if (!_views.TryGetValue(key, out ResourceView<T>? view))
            {
                view = new ResourceView<T>(Selector.Of(query.LabelSelector, query.FieldSelector));
                _views.Add(key, view);
                Begin(view, query);
            }

            view.Linger?.Dispose();
            view.Linger = null;
            view.Readers = view.Readers.Add(changed);
            view.Demand.Add(demand);
            _demand.Add(demand);
            return new ResourceLease<T>(view, () => Release(key, view, changed, demand));
        }
    }

    public async Task StopAsync()
    {
        Task[] all;
        lock (_lock)
        {
            _isClosed = true;
            foreach (ResourceView<T> view in _views.Values)
            {
                view.Linger?.Dispose();
                StopOwn(view);
            }

            StopWhole();
            all = [.. _stopping];
        }

        await Task.WhenAll(all).ConfigureAwait(false);
    }

    private void Begin(ResourceView<T> view, ResourceQuery<T> query)
    {
        if (_isClosed)
        {
            return;
        }

        bool shares = view.Selector is { } selector && (selector.IsAll || !_mayNotShare);
        if (shares && _whole is null && (view.Selector!.IsAll || _views.Values.Count(other => other.Selector is not null) > MaxOwn))
        {
            StartWhole();
        }

        if (shares && _whole is not null)
        {
            view.ShowPart(_state, key: null);
        }
        else
        {
            StartOwn(view, query.LabelSelector, query.FieldSelector);
        }
    }

    private ApiResource Resource(string? labels, string? fields) =>
        new(type.Group, type.Version, type.Plural, @namespace, labels, fields);

    private void Release((string?, string?) key, ResourceView<T> view, Pulse changed, Pulse demand)
    {
        lock (_lock)
        {
            view.Readers = view.Readers.Remove(changed);
            view.Demand.Remove(demand);
            _demand.Remove(demand);
            if (view.Readers.IsEmpty && !_isClosed)
            {
                view.Linger = Detached.CreateTimer(server.Time, _ => End(key, view), view);
                view.Linger.Change(Linger, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void End((string?, string?) key, ResourceView<T> view)
    {
        lock (_lock)
        {
            if (view.Linger is null || !view.Readers.IsEmpty)
            {
                return;
            }

            view.Linger.Dispose();
            view.Linger = null;
            if (!_views.TryGetValue(key, out ResourceView<T>? held) || held != view)
            {
                return;
            }

            _views.Remove(key);
            StopOwn(view);
            if (!_views.Values.Any(other => other.Selector is not null))
            {
                StopWhole();
            }

            if (_views.Count > 0 || _isClosed)
            {
                return;
            }

            _hasEnded = true;
        }

        ended(this);
    }
}
