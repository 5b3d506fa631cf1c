using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mesh.Client.Model;
using Endpoint = Mesh.Client.Model.Endpoint;

namespace Mesh.Client.AspNetCore.ControlPlane;

/// <summary>
/// The differences that were made for states which are still in use. Thousands of streams of one service go the same way from state to
/// state: the first makes what all of them send.
/// </summary>
internal sealed class EndpointDifferences
{
    private const int MaxKept = 8;

    private readonly ConditionalWeakTable<Endpoint[], Ways> _ways = [];

    /// <param name="from">What the other side has; null: nothing was sent yet.</param>
    /// <param name="to">What it should have.</param>
    public EndpointDifference Between(ToldEndpoints? from, ToldEndpoints to) =>
        ImmutableCollectionsMarshal.AsArray(to.Endpoints) is { Length: > 0 } array
            ? _ways.GetOrCreateValue(array).From(from, to)
            : EndpointUpdates.Between(from, to);

    /// <summary>The ways to one state.</summary>
    private sealed class Ways
    {
        private readonly Lock _lock = new();
        private readonly List<Way> _known = [];

        public EndpointDifference From(ToldEndpoints? from, ToldEndpoints to)
        {
            lock (_lock)
            {
                foreach (Way way in _known)
                {
                    if (way.Is(from, to.LoadBalancing))
                    {
                        return way.Difference;
                    }
                }

                EndpointDifference made = EndpointUpdates.Between(from, to);
                if (_known.Count == MaxKept)
                {
                    _known.RemoveAt(0);
                }

                _known.Add(new Way(from, to.LoadBalancing, made));
                return made;
            }
        }
    }

    private sealed class Way(ToldEndpoints? from, LoadBalancingSettings to, EndpointDifference difference)
    {
        // Weak: a state would keep the one before it, and that the one before it.
        private readonly WeakReference<Endpoint[]>? _from = from is { } told ? new(ArrayOf(told)) : null;
        private readonly LoadBalancingSettings? _settings = from?.LoadBalancing;

        public EndpointDifference Difference => difference;

        public bool Is(ToldEndpoints? other, LoadBalancingSettings target) =>
            target == to
            && other?.LoadBalancing == _settings
            && (other is { } told
                ? _from is not null && _from.TryGetTarget(out Endpoint[]? array) && ReferenceEquals(array, ArrayOf(told))
                : _from is null);

        private static Endpoint[] ArrayOf(ToldEndpoints told) => ImmutableCollectionsMarshal.AsArray(told.Endpoints)!;
    }
}
