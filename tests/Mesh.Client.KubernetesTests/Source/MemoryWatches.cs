using System.Collections.Immutable;
using k8s;
using k8s.Models;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.Model;

namespace Mesh.Client.KubernetesTests.Source;

/// <summary>What an API server keeps, in memory: everything is known at once, unless a kind is told otherwise.</summary>
internal sealed class MemoryWatches : IResourceWatches
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, IKubernetesObject<V1ObjectMeta>> _objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (ResourceStatus Status, string? Problem)> _told = new(StringComparer.Ordinal);
    private readonly List<ILease> _leases = [];

    private interface ILease
    {
        string Query { get; }

        void Look();
    }

    public string Name => "Kubernetes in memory";

    /// <summary>What is watched, as <c>services shop metadata.name=catalog</c>, sorted.</summary>
    public string[] Watched
    {
        get
        {
            lock (_lock)
            {
                return [.. _leases.Select(lease => lease.Query).Order(StringComparer.Ordinal)];
            }
        }
    }

    public void Put(params IKubernetesObject<V1ObjectMeta>[] objects) =>
        Change(() => Array.ForEach(objects, item => _objects[Key(item)] = item));

    public void Remove(params IKubernetesObject<V1ObjectMeta>[] objects) =>
        Change(() => Array.ForEach(objects, item => _objects.Remove(Key(item))));

    /// <summary>
    /// Says this of a kind, by its plural, of one version of it (<c>v1/referencegrants</c>), or of one query as
    /// <see cref="Watched"/> has it. Known: what there is, with the problem.
    /// </summary>
    public void Tell(string plural, ResourceStatus status, string? problem = null) => Change(() => _told[plural] = (status, problem));

    public IResourceLease<T> Watch<T>(ResourceQuery<T> query, Pulse changed, Pulse demand)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        lock (_lock)
        {
            var lease = new Lease<T>(this, query, changed);
            _leases.Add(lease);
            lease.Look();
            return lease;
        }
    }

    private static string Key(IKubernetesObject<V1ObjectMeta> item) =>
        $"{item.GetType().Name} {item.Metadata.NamespaceProperty}/{item.Metadata.Name}";

    private void Change(Action change)
    {
        lock (_lock)
        {
            change();
            _leases.ForEach(lease => lease.Look());
        }
    }

    private sealed class Lease<T>(MemoryWatches owner, ResourceQuery<T> query, Pulse changed) : IResourceLease<T>, ILease
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        private ResourceState<T> _state = ResourceState<T>.Unknown;

        public ResourceState<T> State => Volatile.Read(ref _state);

        public string Query => $"{query.Type.Plural} {query.Namespace} {query.LabelSelector}{query.FieldSelector}".TrimEnd();

        public void Look()
        {
            (ResourceStatus status, string? problem) =
                owner._told.TryGetValue(Query, out (ResourceStatus, string?) told)
                || owner._told.TryGetValue($"{query.Type.Version}/{query.Type.Plural}", out told)
                || owner._told.TryGetValue(query.Type.Plural, out told)
                    ? told
                    : (ResourceStatus.Known, null);
            ImmutableDictionary<string, T> items = status is not ResourceStatus.Known
                ? ImmutableDictionary<string, T>.Empty
                : owner._objects.Values.OfType<T>().Where(IsSelected).ToImmutableDictionary(item => item.Metadata.Name);
            bool isSame = items.Count == _state.Items.Count
                && items.All(pair => ReferenceEquals(_state.Items.GetValueOrDefault(pair.Key), pair.Value));
            var next = new ResourceState<T>(status, isSame ? _state.Items : items, problem);
            if (next != _state)
            {
                Volatile.Write(ref _state, next);
                changed.Signal();
            }
        }

        public void Dispose()
        {
            lock (owner._lock)
            {
                owner._leases.Remove(this);
            }
        }

        private bool IsSelected(T item) =>
            item.Metadata.NamespaceProperty == query.Namespace
            && Pairs(query.FieldSelector).All(pair => pair is ["metadata.name", var name] && item.Metadata.Name == name)
            && Pairs(query.LabelSelector).All(
                pair => item.Metadata.Labels is { } labels && labels.TryGetValue(pair[0], out string? value) && value == pair[1]);

        private static IEnumerable<string[]> Pairs(string? selector) =>
            (selector ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('='));
    }
}
