using System.Collections.Concurrent;
using System.Net;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Linkerd;
using Mesh.Client.Discovery.Linkerd.Protocol;
using Mesh.Client.FunctionalTests.Discovery;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model;
using Mesh.Client.Tests.Discovery;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Linkerd;

/// <summary>A control plane whose name has several addresses, as that of a headless service.</summary>
public sealed class ReplicaTests : IDisposable
{
    private static readonly IPAddress Second = IPAddress.Parse("127.0.0.2");

    private readonly Resolver _resolver = new();
    private ControlPlaneChannel? _channel;

    public void Dispose() => _channel?.Dispose();

    [Fact]
    public async Task Streams_SpreadOverReplicas_AndMoveWhenOneGoes()
    {
        ScriptedLinkerd first = Catalog(), second = Catalog();
        await using InProcessServer one = await first.StartAsync();
        InProcessServer two = await second.StartAsync(one.Address.Port, Second);
        _resolver.Addresses = [IPAddress.Loopback, Second];
        LinkerdSource source = Source(one.Address.Port);
        StateReader[] readers = [.. Enumerable.Range(0, 6).Select(i => new StateReader(source, Name(i)))];
        foreach (StateReader reader in readers)
        {
            await reader.UntilAsync(state => state.Is(1));
        }

        Assert.Equal(18, first.Open + second.Open);
        Assert.InRange(first.Open, 6, 12);

        // It is gone before its name is: what cannot connect tries the other.
        await two.StopAsync();
        await two.DisposeAsync();
        await Eventually.TrueAsync(() => first.Open == 18);

        foreach (StateReader reader in readers)
        {
            await reader.DisposeAsync();
        }
    }

    [Fact]
    public async Task Streams_NewReplica_IsFoundWhereTheOldOnesAreGone()
    {
        ScriptedLinkerd first = Catalog(), second = Catalog();
        InProcessServer one = await first.StartAsync();
        int port = one.Address.Port;
        _resolver.Addresses = [IPAddress.Loopback];
        await using var reader = new StateReader(Source(port), Name(0));
        await reader.UntilAsync(state => state.Is(1));

        await one.StopAsync();
        await one.DisposeAsync();
        await using InProcessServer two = await second.StartAsync(port, Second);
        _resolver.Addresses = [Second];

        await Eventually.TrueAsync(() => second.Open == 3);
        await reader.UntilAsync(state => state.Is(1) && state.Problem is null);
    }

    [Fact]
    public async Task Name_ResolvesToNothing_SaysSo()
    {
        await using var reader = new StateReader(Source(1), Name(0));

        EndpointSet state = await reader.UntilAsync(state => state.Problem is not null);

        Assert.Equal(EndpointSetStatus.Unknown, state.Status);
        Assert.Contains("linkerd-dst.test: ", state.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Streams_IdleOrSilent_AreReplacedWithoutAWord()
    {
        var time = new FakeTimeProvider();
        ScriptedLinkerd linkerd = Catalog();
        linkerd.Policies.Scripts = [Play.Say<OutboundPolicy>(), Play.Say(ScriptedLinkerd.Policy(2))];
        await using InProcessServer host = await linkerd.StartAsync();
        _resolver.Addresses = [IPAddress.Loopback];
        await using var reader = new StateReader(Source(host.Address.Port, time), Name(0));
        await Eventually.TrueAsync(() => linkerd is { Endpoints.Open: 1, Policies.Open: 1 });

        // A policy that does not come within 3 s is asked for over another stream.
        await Eventually.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            return linkerd.Policies.Streams == 2;
        });
        await reader.UntilAsync(state => state.Is(1) && state.Problem is null);
        int streams = linkerd.Endpoints.Streams;

        time.Advance(TimeSpan.FromMinutes(5));

        await Eventually.TrueAsync(() => linkerd.Endpoints.Streams > streams && linkerd.Policies.Streams == 3 && linkerd.Open == 3);
    }

    private static ScriptedLinkerd Catalog()
    {
        var linkerd = new ScriptedLinkerd();
        linkerd.Endpoints.Scripts = [Play.Say(Wire.Add(1))];
        return linkerd;
    }

    private static ServiceName Name(int number) => new($"catalog-{number}.shop.svc.cluster.local", 80);

    private LinkerdSource Source(int port, TimeProvider? time = null)
    {
        var address = new Uri($"http://linkerd-dst.test:{port}");
        _channel = new ControlPlaneChannel(address, tls: null, _resolver);
        var setup = new LinkerdSetup { Destination = address, Policy = address, ContextToken = "{}", SourceWorkload = "{}" };
        return new LinkerdSource(_channel, _channel, setup, time ?? TimeProvider.System, NullLogger.Instance);
    }

    private sealed class Resolver : IHostResolver
    {
        public IPAddress[] Addresses { get; set; } = [];

        public ConcurrentQueue<string> Asked { get; } = [];

        public Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
        {
            Asked.Enqueue(host);
            return Addresses.Length > 0
                ? Task.FromResult(Addresses)
                : Task.FromException<IPAddress[]>(new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.HostNotFound));
        }
    }
}
