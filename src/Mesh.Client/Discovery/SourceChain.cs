using System.Runtime.CompilerServices;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery;

/// <summary>
/// Several sources as one, in order of registration: the first whose answer is not <see cref="EndpointSetStatus.NotFound"/> is
/// believed. A source is asked only while all before it say not found; one that has not answered yet is waited for. Consumers see
/// the latest state: what a slow one missed is left out.
/// </summary>
internal sealed class SourceChain(IEnumerable<IEndpointSource> sources) : IEndpointSource
{
    private readonly IEndpointSource[] _sources = [.. sources];

    public string Name => string.Join(", ", _sources.Select(source => source.Name));

    /// <inheritdoc/>
    /// <remarks>Ends when every source that is asked has ended.</remarks>
    public async IAsyncEnumerable<EndpointSet> WatchAsync(
        ServiceName service, Pulse demand, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (_sources.Length == 0)
        {
            yield return EndpointSet.NotFound("no source of endpoints is registered");
            yield break;
        }

        // Whoever wakes looks at every link.
        var wake = new Pulse();
        var asked = new List<SourceLink>(_sources.Length);
        EndpointSet? last = null;
        try
        {
            while (true)
            {
                Task woken = wake.Signalled;
                int believed = Ask(asked, service, demand, wake);
                await TrimAsync(asked, believed + 1).ConfigureAwait(false);
                // Asked before the states are read: a link's last state is written before it ends.
                bool ended = asked.TrueForAll(link => link.Ended);
                if (Combine(asked) is { } state && state != last)
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
        finally
        {
            await TrimAsync(asked, 0).ConfigureAwait(false);
        }
    }

    /// <summary>Opens as many links as it takes to reach one that does not say not found; returns its index.</summary>
    private int Ask(List<SourceLink> asked, ServiceName service, Pulse demand, Pulse wake)
    {
        for (int i = 0; ; i++)
        {
            if (i == asked.Count)
            {
                asked.Add(new SourceLink(_sources[i], service, demand, wake));
            }

            if (i == _sources.Length - 1 || asked[i].State?.Status is not EndpointSetStatus.NotFound)
            {
                return i;
            }
        }
    }

    /// <summary>The last link's state; null while it has none, so that what was said before stands.</summary>
    private static EndpointSet? Combine(List<SourceLink> asked)
    {
        EndpointSet? state = asked[^1].State;
        if (state?.Status is not EndpointSetStatus.NotFound || asked.Count == 1)
        {
            return state;
        }

        string problem = string.Join("; ", asked.Select(link => link.State?.Problem).Where(text => text is not null));
        return EndpointSet.NotFound(problem.Length == 0 ? null : problem);
    }

    private static async ValueTask TrimAsync(List<SourceLink> asked, int count)
    {
        while (asked.Count > count)
        {
            SourceLink link = asked[^1];
            asked.RemoveAt(asked.Count - 1);
            await link.DisposeAsync().ConfigureAwait(false);
        }
    }
}
