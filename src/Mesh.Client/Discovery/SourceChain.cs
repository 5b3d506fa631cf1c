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
    private readonly IEndpointSource[] _sources;

    public SourceChain(IEnumerable<IEndpointSource> sources)
    {
        _sources = [.. sources];
        TellsPolicies = Array.Exists(_sources, source => source.TellsPolicies);
    }

    public string Name => string.Join(", ", _sources.Select(source => source.Name));

    public bool TellsPolicies { get; }

    /// <summary>The same for a reader with a loop of its own, who is woken by <paramref name="wake"/>.</summary>
    public ChainWatch Open(ServiceName service, Pulse demand, Pulse wake) => new(_sources, service, demand, wake);

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
