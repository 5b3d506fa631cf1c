using System.Text.Json;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Discovery.Destination;

/// <summary>A control plane that speaks Linkerd's Destination API. One stream for each service that is watched.</summary>
internal sealed class DestinationSource : IEndpointSource
{
    private readonly Protocol.Destination.DestinationClient _client;
    private readonly ControlPlaneChannel _channel;
    private readonly TimeProvider _timeProvider;
    private readonly string _contextToken;
    private readonly WatchLog _log;
    private readonly PolicyNames _policies;

    /// <param name="channel">Not disposed by the source.</param>
    /// <param name="callerNamespace">The namespace that the caller is in: it goes into the context token.</param>
    /// <param name="timeProvider">Measures silence and backoff.</param>
    /// <param name="logger">Told of outages, and once of each kind of bad input.</param>
    /// <param name="badInput">Told of every bad input: a counter.</param>
    /// <param name="policies">What a balancing policy may be named; null: the built-in ones.</param>
    /// <param name="pod">Whom the control plane's status shows; null: nobody says.</param>
    /// <param name="node">Where that is.</param>
    public DestinationSource(
        ControlPlaneChannel channel,
        string callerNamespace,
        TimeProvider timeProvider,
        ILogger logger,
        Action<BadInput>? badInput = null,
        PolicyNames? policies = null,
        string? pod = null,
        string? node = null)
    {
        _policies = policies ?? PolicyNames.None;
        _client = new Protocol.Destination.DestinationClient(channel.CreateCallInvoker());
        _channel = channel;
        _timeProvider = timeProvider;
        _contextToken = $"{{{Said("ns", callerNamespace)}{Said("nodeName", node, ",")}{Said("pod", pod, ",")}}}";
        Name = $"control plane {ControlPlaneAddress.Text(channel.Address)}";
        _log = new WatchLog(Name, timeProvider, logger, badInput);
    }

    public string Name { get; }

    /// <inheritdoc/>
    /// <remarks>
    /// The stream is read in the background into the latest whole state, whatever the consumer does: a control plane closes streams
    /// that are not read. A refusal is asked about again, less and less often.
    /// </remarks>
    public IAsyncEnumerable<EndpointSet> WatchAsync(ServiceName service, Pulse demand, CancellationToken cancellationToken) =>
        LatestState.ReadAsync(
            this,
            service,
            demand,
            static (self, service, demand, latest, stop) => self.RunAsync(service, demand, latest, stop),
            cancellationToken);

    private static string Said(string name, string? value, string before = "") =>
        value is null ? "" : $"{before}\"{name}\":\"{JsonEncodedText.Encode(value)}\"";

    private Task RunAsync(ServiceName service, Pulse demand, LatestState latest, CancellationToken stop)
    {
        var request = new Protocol.GetDestination { Path = service.Authority, ContextToken = _contextToken };
        var watch = new EndpointWatch(
            Name,
            service,
            _client,
            request,
            _log.Reporter,
            latest,
            _log.For(service),
            _policies);
        return new WatchLoop<Protocol.Update>(_channel, watch, _timeProvider, demand, StreamLimits.For(_channel)).RunAsync(stop);
    }
}
