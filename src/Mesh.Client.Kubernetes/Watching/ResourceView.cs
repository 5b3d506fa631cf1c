using System.Collections.Immutable;
using k8s;
using k8s.Models;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Watching;

/// <summary>What one query shows its readers, from a watch of its own or as a part of a watch of the whole namespace.</summary>
/// <param name="selector">Null: only the API server can follow it.</param>
internal sealed class ResourceView<T>(Selector? selector)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private ResourceState<T> _state = ResourceState<T>.Unknown;

    public Selector? Selector { get; } = selector;

    public ResourceState<T> State => Volatile.Read(ref _state);

    /// <summary>Of its readers.</summary>
    public WatchDemand Demand { get; } = new();

    /// <summary>A watch of its own; null: it is served by that of the namespace.</summary>
    public ReflectorRun? Own { get; set; }

    /// <summary>Of the server, that what it shows is as of at least; null: nobody knows.</summary>
    public string? Version { get; set; }

    /// <summary>Ends it some time after the last of its readers.</summary>
    public ITimer? Linger { get; set; }

    /// <summary>Its readers.</summary>
    public ImmutableArray<Pulse> Readers { get; set; } = [];

    public void Show(ResourceState<T> state)
    {
        if (state != _state)
        {
            Volatile.Write(ref _state, state);
            foreach (Pulse reader in Readers)
            {
                reader.Signal();
            }
        }
    }

    /// <summary>Its part of the whole.</summary>
    /// <param name="whole">As it stands.</param>
    /// <param name="key">The one object that has changed since; null: any may have.</param>
    public void ShowPart(ResourceState<T> whole, string? key)
    {
        if (Selector!.IsAll)
        {
            Show(whole);
            return;
        }

        ImmutableDictionary<string, T> items = _state.Items;
        Show(whole with
        {
            Items = key is null ? Part(whole.Items)
                : whole.Items.TryGetValue(key, out T? item) && Selector.Selects(item) ? items.SetItem(key, item)
                : items.Remove(key),
        });
    }

    private ImmutableDictionary<string, T> Part(ImmutableDictionary<string, T> whole)
    {
        var part = ImmutableDictionary.CreateBuilder<string, T>();
        foreach ((string key, T item) in whole)
        {
            if (Selector!.Selects(item))
            {
                part.Add(key, item);
            }
        }

        return part.ToImmutable();
    }
}
