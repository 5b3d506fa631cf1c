using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Mesh.Client.Model;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Discovery.Destination;

/// <summary>A control plane that speaks Linkerd's Destination API. One stream for each service that is watched.</summary>
internal sealed partial class DestinationSource : IEndpointSource
{
    private readonly ConcurrentDictionary<string, bool> _reported = new(StringComparer.Ordinal);
    private readonly Protocol.Destination.DestinationClient _client;
    private readonly ControlPlaneChannel _channel;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly TimeSpan _maximumBackoff;
    private readonly string _contextToken;
    private readonly Action<BadInput>? _badInput;

    /// <param name="channel">Not disposed by the source.</param>
    /// <param name="callerNamespace">The namespace that the caller is in: it goes into the context token.</param>
    /// <param name="timeProvider">Measures silence and backoff.</param>
    /// <param name="logger">Told of outages, and once of each kind of bad input.</param>
    /// <param name="badInput">Told of every bad input: a counter.</param>
    public DestinationSource(
        ControlPlaneChannel channel, string callerNamespace, TimeProvider timeProvider, ILogger logger, Action<BadInput>? badInput = null)
    {
        _client = new Protocol.Destination.DestinationClient(channel.CreateCallInvoker());
        _channel = channel;
        _timeProvider = timeProvider;
        _logger = logger;
        _badInput = badInput;
        _maximumBackoff = channel.Address.IsLoopback ? Backoff.LoopbackMaximum : Backoff.Maximum;
        _contextToken = $$"""{"ns":"{{JsonEncodedText.Encode(callerNamespace)}}"}""";
        Name = $"control plane {channel.Address.GetLeftPart(UriPartial.Authority)}";
    }

    public string Name { get; }

    /// <inheritdoc/>
    /// <remarks>
    /// The stream is read in the background into the latest whole state, whatever the consumer does: a control plane closes streams
    /// that are not read. Ends after <see cref="EndpointSetStatus.Refused"/>.
    /// </remarks>
    public async IAsyncEnumerable<EndpointSet> WatchAsync(
        ServiceName service, Pulse demand, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var latest = new LatestState();
        Task reading = new Watch(this, service, demand, latest).RunAsync(stop.Token);
        EndpointSet? last = null;
        try
        {
            while (await latest.NextAsync(last, cancellationToken).ConfigureAwait(false) is { } state)
            {
                last = state;
                yield return state;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(false);
        }
    }

    private void Report(BadInput input)
    {
        _badInput?.Invoke(input);
        if (_reported.TryAdd(input.Kind, true))
        {
            LogBadInput(Name, input.Text);
        }
    }
}
