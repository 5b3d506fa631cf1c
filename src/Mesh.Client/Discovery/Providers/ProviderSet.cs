using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Client.Discovery.Providers;

/// <summary>The providers that answer one query, in order of registration. Not for use by several threads.</summary>
internal sealed class ProviderSet(ServiceEndpointQuery query, IServiceEndpointProviderFactory[] factories)
{
    private readonly IServiceEndpointProvider?[] _providers = new IServiceEndpointProvider?[factories.Length];

    public ServiceEndpointQuery Query => query;

    /// <summary>
    /// Asks all of them: as in Microsoft's own resolver it is for each provider to see that another has answered before it.
    /// </summary>
    /// <param name="tokens">Gets what tells of changes, even when a provider fails.</param>
    /// <returns>The endpoints, and whether only asking again would tell of some change to them.</returns>
    /// <exception cref="ProviderException">One of them failed.</exception>
    public async Task<(IList<ServiceEndpoint> Endpoints, bool NeedsPolling)> PopulateAsync(
        List<IChangeToken> tokens, CancellationToken cancellationToken)
    {
        var population = new Population(tokens);
        bool needsPolling = false;
        for (int i = 0; i < factories.Length; i++)
        {
            (int tokensBefore, int endpointsBefore) = (tokens.Count, population.Endpoints.Count);
            object asked = _providers[i] ?? (object)factories[i];
            try
            {
                if (_providers[i] is null && !factories[i].TryCreateProvider(query, out _providers[i]))
                {
                    needsPolling |= population.Endpoints.Count == 0;
                    continue;
                }

                asked = _providers[i] ?? asked;
                await _providers[i]!.PopulateAsync(population, cancellationToken).ConfigureAwait(false);
                bool leftToOthers = endpointsBefore > 0 && population.Endpoints.Count == endpointsBefore && tokens.Count == tokensBefore;
                needsPolling |= !leftToOthers
                    && (tokens.Count == tokensBefore || tokens.Skip(tokensBefore).Any(token => !token.ActiveChangeCallbacks));
            }
            catch (Exception exception)
            {
                throw new ProviderException(asked, query, exception);
            }
        }

        return (population.Endpoints, needsPolling);
    }

    /// <summary>Disposes them; what they throw at it is of no use to anybody.</summary>
    public async Task ReleaseAsync()
    {
        foreach (IServiceEndpointProvider? provider in _providers)
        {
            try
            {
                if (provider is not null)
                {
                    await provider.DisposeAsync().ConfigureAwait(false);
                }
            }
            catch (Exception)
            {
                // It is no longer used.
            }
        }
    }
}
