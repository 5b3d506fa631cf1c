using System.Net;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Providers;
using Mesh.Client.Model;
using Mesh.Client.Tests.Discovery.Configuration;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.ServiceDiscovery;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Discovery.Providers;

/// <summary>Whatever foreign code throws, and wherever: it is told, the last state stands, and the next good answer arrives.</summary>
public sealed class ForeignFaultTests : IDisposable
{
    private readonly TestMesh _mesh = new(TestMesh.Pairs(("Mesh:Namespace", "shop")));
    private readonly FakeTimeProvider _time = new();
    private readonly FakeLogger _logger = new();
    private readonly List<BadInput> _bad = [];

    public void Dispose() => _mesh.Dispose();

    [Theory]
    [InlineData(nameof(IChangeToken.HasChanged))]
    [InlineData(nameof(IChangeToken.ActiveChangeCallbacks))]
    [InlineData(nameof(IChangeToken.RegisterChangeCallback))]
    public async Task Token_Throws_IsToldAndAskedAgain(string where)
    {
        ScriptedProvider provider = ScriptedProvider.Of("10.0.0.1:80");
        await using StateReader reader = Read(provider);
        await reader.NextAsync();

        SaysWith(provider, builder => builder.AddChangeToken(new BadToken(where)));
        provider.Change();
        EndpointSet told = await reader.UntilAsync(state => state.Problem is not null).WaitingFor(_time);

        Assert.Equal("10.0.0.1:80", Text(told));
        Assert.Contains(where, told.Problem, StringComparison.Ordinal);
        Assert.Contains(_logger.Collector.GetSnapshot(), record => record.Id.Name == "ProviderFailed");
        await RecoversAsync(provider, reader);
    }

    [Fact]
    public async Task Registration_ThrowsWhenDisposed_WatchGoesOn()
    {
        var provider = new ScriptedProvider();
        SaysWith(provider, builder => builder.AddChangeToken(new BadToken(nameof(IDisposable.Dispose))));
        await using StateReader reader = Read(provider);
        await reader.NextAsync();

        provider.Change();
        await RecoversAsync(provider, reader);
    }

    [Fact]
    public async Task EndPoint_CannotSayItsName_IsLeftOutAlone()
    {
        ScriptedProvider provider = ScriptedProvider.Of("10.0.0.1:80");
        SaysWith(provider, builder => builder.Endpoints.Add(ServiceEndpoint.Create(new NamelessEndPoint())));
        await using StateReader reader = Read(provider);

        Assert.Equal("10.0.0.1:80", Text(await reader.NextAsync()));
        Assert.Contains(nameof(NamelessEndPoint), Assert.Single(_bad).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Features_Throw_LastStateStands()
    {
        ScriptedProvider provider = ScriptedProvider.Of("10.0.0.1:80");
        await using StateReader reader = Read(provider);
        await reader.NextAsync();

        SaysWith(provider, builder => builder.Endpoints.Add(new BadEndpoint()));
        provider.Change();
        EndpointSet told = await reader.NextAsync().WaitingFor(_time);

        Assert.Equal("10.0.0.1:80", Text(told));
        Assert.Equal("service discovery providers failed: no features", told.Problem);
        await RecoversAsync(provider, reader);
    }

    [Fact]
    public async Task Exception_CannotSayWhy_ItsTypeDoes()
    {
        var provider = new ScriptedProvider { Answer = (_, _) => throw new SpeechlessException() };
        await using StateReader reader = Read(provider);

        Assert.EndsWith(nameof(SpeechlessException), (await reader.NextAsync()).Problem, StringComparison.Ordinal);
        await RecoversAsync(provider, reader);
    }

    /// <summary>The last resort: the chain, which watches anew, hears of it.</summary>
    [Fact]
    public async Task Logger_Throws_WatchEndsWithThat()
    {
        ScriptedProvider provider = new ScriptedProvider().Fails();
        await using StateReader reader = Read(new BadLogger(), provider);

        InvalidOperationException error = await Assert.ThrowsAsync<InvalidOperationException>(reader.EndAsync);
        Assert.Equal("no log", error.Message);
    }

    private static string Text(EndpointSet state) => string.Join(' ', state.Endpoints.Select(endpoint => endpoint.Address.Text));

    private static void SaysWith(ScriptedProvider provider, Action<IServiceEndpointBuilder> more)
    {
        Func<IServiceEndpointBuilder, CancellationToken, Task> answer = provider.Says("10.0.0.1:80").Answer!;
        provider.Answer = (builder, stop) =>
        {
            more(builder);
            return answer(builder, stop);
        };
    }

    private async Task RecoversAsync(ScriptedProvider provider, StateReader reader)
    {
        provider.Says("10.0.0.9:80");
        EndpointSet state = await reader.UntilAsync(state => Text(state) == "10.0.0.9:80").WaitingFor(_time);
        Assert.Null(state.Problem);
    }

    private StateReader Read(ScriptedProvider provider) => Read(_logger, provider);

    private StateReader Read(ILogger logger, ScriptedProvider provider) => new(
        new ProviderSource([provider], _mesh.Configuration, new ServiceDiscoveryOptions(), _time, logger, _bad.Add),
        new ServiceName("catalog.shop.svc.cluster.local", 80));

    private sealed class BadToken(string where) : IChangeToken, IDisposable
    {
        public bool HasChanged => Throws(nameof(HasChanged));

        public bool ActiveChangeCallbacks => !Throws(nameof(ActiveChangeCallbacks));

        public IDisposable RegisterChangeCallback(Action<object?> callback, object? state)
        {
            Throws(nameof(RegisterChangeCallback));
            return this;
        }

        public void Dispose() => Throws(nameof(Dispose));

        private bool Throws(string here) => here == where ? throw new InvalidOperationException($"no {here}") : false;
    }

    private sealed class NamelessEndPoint : EndPoint
    {
        public override string ToString() => throw new InvalidOperationException("no name");
    }

    private sealed class BadEndpoint : ServiceEndpoint
    {
        public override EndPoint EndPoint => new IPEndPoint(IPAddress.Loopback, 80);

        public override IFeatureCollection Features => throw new InvalidOperationException("no features");
    }

    private sealed class SpeechlessException : Exception
    {
        public override string Message => throw new InvalidOperationException("no words");
    }

    private sealed class BadLogger : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new InvalidOperationException("no log");
    }
}
