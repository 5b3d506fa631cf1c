using System.Collections.Concurrent;
using Mesh.Client.AspNetCore.Injector;

namespace Mesh.Client.Kubernetes.AspNetCore.Anchors;

/// <summary>The namespaces that the injector has put pods into, whatever their labels say.</summary>
internal sealed class InjectedNamespaces(SharedAnchors shared) : ITrustBundlePublisher
{
    private readonly ConcurrentDictionary<string, bool> _all = new(StringComparer.Ordinal);

    public IEnumerable<string> All => _all.Keys;

    public void Publish(string namespaceName)
    {
        if (_all.TryAdd(namespaceName, true))
        {
            shared.Changed.Signal();
        }
    }

    /// <summary>The namespace is gone.</summary>
    public void Forget(string namespaceName) => _all.TryRemove(namespaceName, out _);
}
