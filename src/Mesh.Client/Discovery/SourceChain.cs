using System.Runtime.CompilerServices;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery;

/// <summary>
/// Several sources as one, in order of registration: the first whose answer is not <see cref="EndpointSetStatus.NotFound"/> is
/// believed. A source is asked only while all before it say not found; one that has not answered yet is waited for. Consumers see
/// the latest state: what a slow one missed is left out.
/// </summary>
internal sealed class SourceChain : IEndpointSource
{
    /// <param name="sources">In order.</param>
    /// <param name="complement">What completes the states of sources that do not say how endpoints are picked; null: nothing.</param>
    public SourceChain(IEnumerable<IEndpointSource> sources, ILoadBalancingSource? complement = null)
    {
        Sources = [.. sources];
        Complement = complement;
        TellsPolicies = Array.Exists(Sources, source => source.TellsPolicies);
    }

    public IEndpointSource[] Sources { get; }

    public ILoadBalancingSource? Complement { get; }

    public string Name => string.Join(", ", Sources.Select(source => source.Name));

    public bool TellsPolicies { get; }

    public string? Settings => Sources.Select(source => source.Settings).FirstOrDefault(settings => settings is not null);

    /// <summary>The same for a reader with a loop of its own, who is woken by <paramref name="wake"/>.</summary>
    public ChainWatch Open(ServiceName service, Pulse demand, Pulse wake) => new(this, service, demand, wake);

    /// <inheritdoc/>
    /// <remarks>Ends when every source that is asked has ended.</remarks>
    public async IAsyncEnumerable<EndpointSet> WatchAsync(
        ServiceName service, Pulse demand, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var wake = new Pulse();
        ChainWatch watch = Open(service, demand, wake);
        await using (watch.ConfigureAwait(false))
        {
            EndpointSet? last = null;
            while (true)
            {
                Task woken = wake.Signalled;
                (EndpointSet? state, bool ended) = await watch.ReadAsync().ConfigureAwait(false);
                if (state is not null && state != last)
                {
                    last = state;
                    yield return state;
                }

                if (ended)
                {
                    yield break;
                }

                await woken.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
