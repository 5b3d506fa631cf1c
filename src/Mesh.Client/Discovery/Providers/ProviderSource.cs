using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Model;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Client.Discovery.Providers;

/// <summary>
/// The application's providers of Microsoft.Extensions.ServiceDiscovery. Each watch has its own, and asks them again when one of their
/// change tokens fires, or every <see cref="ServiceDiscoveryOptions.RefreshPeriod"/> where one gives no such token.
/// </summary>
internal sealed partial class ProviderSource : IEndpointSource
{
    private static readonly TimeSpan MaxRefreshPeriod = TimeSpan.FromDays(1);

    /// <summary>The library's own default; how long an end of all endpoints is doubted where no period is set.</summary>
    private static readonly TimeSpan DefaultRefreshPeriod = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, bool> _reported = new(StringComparer.Ordinal);
    private readonly IServiceEndpointProviderFactory[] _factories;
    private readonly MeshConfiguration _configuration;
    private readonly TimeSpan? _refreshPeriod;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action<BadInput>? _badInput;
    private readonly LogStorm _failed;
    private readonly LogStorm _recovered;

    /// <param name="factories">In order of registration.</param>
    /// <param name="configuration">Knows the namespace and domain that short names leave out.</param>
    /// <param name="options">Of the library.</param>
    /// <param name="time">Measures polling and backoff.</param>
    /// <param name="logger">Told of failures, and once of each kind of endpoint that is of no use.</param>
    /// <param name="badInput">Told of every such endpoint: a counter.</param>
    public ProviderSource(
        IEnumerable<IServiceEndpointProviderFactory> factories,
        MeshConfiguration configuration,
        ServiceDiscoveryOptions options,
        TimeProvider time,
        ILogger logger,
        Action<BadInput>? badInput = null)
    {
        _factories = [.. factories.Where(factory => !IsPassThrough(factory))];
        _configuration = configuration;
        _refreshPeriod = options.RefreshPeriod == Timeout.InfiniteTimeSpan
            ? null
            : TimeSpan.FromTicks(Math.Clamp(options.RefreshPeriod.Ticks, Backoff.Minimum.Ticks, MaxRefreshPeriod.Ticks));
        _time = time;
        _logger = logger;
        _badInput = badInput;
        _failed = new LogStorm(time, LogMoreFailed);
        _recovered = new LogStorm(time, LogMoreRecovered);
    }

    public string Name => "service discovery providers";

    /// <inheritdoc/>
    /// <remarks>Providers are asked in the background, whatever the consumer does. One that never answers does not keep it.</remarks>
    public async IAsyncEnumerable<EndpointSet> WatchAsync(
        ServiceName service, Pulse demand, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var latest = Channel.CreateBounded<EndpointSet>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        CancellationToken stopping = stop.Token;
        var watch = new Watch(this, service, demand, latest.Writer);
        Task asking = Task.Run(() => watch.RunAsync(stopping), stopping);
        EndpointSet? last = null;
        try
        {
            await foreach (EndpointSet state in latest.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                if (state != last)
                {
                    last = state;
                    yield return state;
                }
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // It answers every name with the name itself, so that nothing would be unknown. By name: the type is not public.
    private static bool IsPassThrough(IServiceEndpointProviderFactory factory) =>
        factory.GetType().FullName == "Microsoft.Extensions.ServiceDiscovery.PassThrough.PassThroughServiceEndpointProviderFactory";

    private void Report(BadInput input)
    {
        _badInput?.Invoke(input);
        if (_reported.TryAdd(input.Kind, true))
        {
            LogBadInput(input.Text);
        }
    }

    private void Failed(ServiceName service, string problem)
    {
        if (_failed.Allows())
        {
            LogFailed(service, problem);
        }
    }

    private void Recovered(ServiceName service)
    {
        if (_recovered.Allows())
        {
            LogRecovered(service);
        }
    }

    /// <summary>
    /// Completes when it is time to ask again though nothing has said so; never where that is turned off, unless the last answer is in
    /// doubt.
    /// </summary>
    private Task RefreshAsync(bool inDoubt, CancellationToken cancellationToken) =>
        Task.Delay(_refreshPeriod ?? (inDoubt ? DefaultRefreshPeriod : Timeout.InfiniteTimeSpan), _time, cancellationToken);
}
