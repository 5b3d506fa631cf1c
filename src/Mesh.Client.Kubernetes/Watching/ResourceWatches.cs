using System.Collections.Concurrent;
using k8s;
using k8s.Models;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Kubernetes.Api;
using Mesh.Client.Model;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Kubernetes.Watching;

/// <inheritdoc/>
/// <remarks>The same query has one watch, however many read it; many queries of a namespace share one of the whole.</remarks>
internal sealed class ResourceWatches : IResourceWatches, IAsyncDisposable, IDisposable
{
    private readonly ConcurrentDictionary<FamilyKey, IResourceFamily> _families = new();
    private readonly ApiServer _server;
    private readonly ResourceLog _log;
    private volatile bool _isClosed;

    /// <param name="server">Disposed with it.</param>
    /// <param name="logger">Told of outages and refusals.</param>
    /// <param name="badInput">Told of everything that makes no sense: a counter.</param>
    public ResourceWatches(ApiServer server, ILogger logger, Action<BadInput>? badInput = null)
    {
        _server = server;
        _log = new ResourceLog(server.Name, server.Time, logger, badInput);
    }

    public string Name => _server.Name;

    /// <summary>How many kinds in namespaces are watched: for tests.</summary>
    public int Families => _families.Count;

    public IResourceLease<T> Watch<T>(ResourceQuery<T> query, Pulse changed, Pulse demand)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        ResourceType<T> type = query.Type;
        while (true)
        {
            var family = (ResourceFamily<T>)_families.GetOrAdd(
                new FamilyKey(typeof(T), type.Name, type.Version, query.Namespace),
                static (key, given) => given.Self.Create(key, given.query.Type),
                (Self: this, query));
            if (_isClosed)
            {
                _ = family.StopAsync();
            }

            // Null: the last of its readers has just gone, and it with them.
            if (family.Watch(query, changed, demand) is { } lease)
            {
                return lease;
            }
        }
    }

    /// <summary>The same, for a container that is disposed without waiting.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>Ends all watches and closes the connections. What was read last stays with the leases.</summary>
    public async ValueTask DisposeAsync()
    {
        _isClosed = true;
        try
        {
            await Task.WhenAll(_families.Values.Select(family => family.StopAsync())).ConfigureAwait(false);
        }
        finally
        {
            _server.Dispose();
            _log.Flush();
        }
    }

    private ResourceFamily<T> Create<T>(FamilyKey key, ResourceType<T> type)
        where T : class, IKubernetesObject<V1ObjectMeta> => new(
            _server,
            type,
            key.Namespace,
            _log,
            family => _families.TryRemove(KeyValuePair.Create<FamilyKey, IResourceFamily>(key, family)));

    private readonly record struct FamilyKey(Type Kind, string Name, string Version, string Namespace);
}
