using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Providers;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model;
using Mesh.Client.Tests.Discovery.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.ServiceDiscovery;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Discovery.Providers;

public sealed class ProviderSourceTests : IDisposable
{
    private static readonly ServiceName Catalog = new("catalog.shop.svc.cluster.local", 80);

    private readonly TestMesh _mesh = new(TestMesh.Pairs(("Mesh:Namespace", "shop")));
    private readonly FakeTimeProvider _time = new();
    private readonly FakeLogger _logger = new();
    private readonly List<BadInput> _bad = [];

    public void Dispose() => _mesh.Dispose();

    [Theory]
    [InlineData("catalog.shop.svc.cluster.local", 80,
        "http+https://catalog", "http+https://catalog.shop", "http+https://catalog.shop.svc.cluster.local")]
    [InlineData("catalog.shop.svc.cluster.local", 443,
        "https+http://catalog", "https+http://catalog.shop", "https+http://catalog.shop.svc.cluster.local")]
    [InlineData("catalog.pay.svc.cluster.local", 8080, "http+https://catalog.pay:8080", "http+https://catalog.pay.svc.cluster.local:8080")]
    [InlineData("_grpc.catalog.shop.svc.cluster.local", 80,
        "http+https://_grpc.catalog", "http+https://_grpc.catalog.shop", "http+https://_grpc.catalog.shop.svc.cluster.local")]
    [InlineData("pay.example.com", 80, "http+https://pay.example.com")]
    public async Task WatchAsync_Name_IsAskedShortestFormFirst(string host, int port, params string[] asked)
    {
        var provider = new ScriptedProvider();
        await using StateReader reader = Read(new ServiceName(host, port), provider);

        EndpointSet state = await reader.NextAsync();

        Assert.Equal(EndpointSetStatus.NotFound, state.Status);
        Assert.Equal(asked, provider.Asked);
        Assert.Equal($"no provider of service discovery knows {string.Join(", ", asked)}", state.Problem);
    }

    [Fact]
    public async Task WatchAsync_ShortFormHasEndpoints_LongerOnesAreNotAsked()
    {
        ScriptedProvider provider = ScriptedProvider.Of("10.0.0.1:80", "10.0.0.2:80");
        await using StateReader reader = Read(provider);

        Assert.Equal("10.0.0.1:80 10.0.0.2:80", Text(await reader.NextAsync()));
        Assert.Equal(["http+https://catalog"], provider.Asked);
    }

    [Fact]
    public async Task WatchAsync_EndpointName_IsTheQuerys()
    {
        ScriptedProvider provider = ScriptedProvider.Of("10.0.0.1:80");
        provider.Knows = query => query is { EndpointName: "grpc", ServiceName: "catalog" };
        await using StateReader reader = Read(new ServiceName("_grpc." + Catalog.Host, 80), provider);

        Assert.Equal("10.0.0.1:80", Text(await reader.NextAsync()));
    }

    [Fact]
    public async Task WatchAsync_SeveralProviders_InOrderAndEachSeesTheOnesBefore()
    {
        ScriptedProvider first = new(), second = ScriptedProvider.Of("10.0.0.2:80"), third = new();
        int seen = 0;
        third.Answer = (builder, _) =>
        {
            seen = builder.Endpoints.Count;
            return Task.CompletedTask;
        };
        await using StateReader reader = Read(first, second, third);

        Assert.Equal("10.0.0.2:80", Text(await reader.NextAsync()));
        Assert.Equal(1, seen);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task WatchAsync_TokenOfAnyProvider_AsksAllAgain(int which)
    {
        ScriptedProvider[] providers = [new(), ScriptedProvider.Of("10.0.0.1:80"), new()];
        await using StateReader reader = Read(providers);
        await reader.NextAsync();

        providers[1].Says("10.0.0.9:80");
        providers[which].Change();

        Assert.Equal("10.0.0.9:80", Text(await NextAsync(reader)));
    }

    [Fact]
    public async Task WatchAsync_NameIsFoundLater_ByItsToken()
    {
        var provider = new ScriptedProvider();
        await using StateReader reader = Read(provider);
        Assert.Equal(EndpointSetStatus.NotFound, (await reader.NextAsync()).Status);

        provider.Says("10.0.0.1:80").Change();
        Assert.Equal("10.0.0.1:80", Text(await NextAsync(reader)));

    }

    /// <summary>The library's DNS providers have no endpoints when their name server fails.</summary>
    [Theory]
    [InlineData(60)]
    [InlineData(null)]
    public async Task WatchAsync_NoEndpointsAnyMore_IsBelievedAfterARefreshPeriodOrAMinute(int? refreshSeconds)
    {
        ScriptedProvider provider = ScriptedProvider.Of("10.0.0.1:80");
        var options = new ServiceDiscoveryOptions
        {
            RefreshPeriod = refreshSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : Timeout.InfiniteTimeSpan,
        };
        await using StateReader reader = Read(options, Catalog, provider);
        await reader.NextAsync();
        long began = _time.GetTimestamp();

        provider.Says().Change();
        EndpointSet doubtful = await NextAsync(reader);
        Assert.Equal("10.0.0.1:80", Text(doubtful));
        Assert.Equal("service discovery providers have no endpoints any more", doubtful.Problem);

        Assert.Equal(EndpointSetStatus.NotFound, (await NextAsync(reader)).Status);
        Assert.InRange(_time.GetElapsedTime(began).TotalSeconds, 60, 70);
    }

    [Fact]
    public async Task WatchAsync_NoEndpointsForAMoment_TheLastStateStands()
    {
        ScriptedProvider provider = ScriptedProvider.Of("10.0.0.1:80");
        await using StateReader reader = Read(provider);
        await reader.NextAsync();
        for (int i = 0; i < 3; i++)
        {
            provider.Says().Change();
            Assert.Equal("10.0.0.1:80", Text(await reader.UntilAsync(state => state.Problem is not null).WaitingFor(_time)));
            _time.Advance(TimeSpan.FromSeconds(40));

            provider.Says("10.0.0.1:80").Change();
            Assert.Equal("10.0.0.1:80", Text(await reader.UntilAsync(state => state.Problem is null).WaitingFor(_time)));
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task WatchAsync_NoTokenThatCallsBack_AsksEachRefreshPeriod(bool passive, bool withActive)
    {
        ScriptedProvider provider = ScriptedProvider.Of("10.0.0.1:80");
        provider.GivesTokens = withActive;
        Func<IServiceEndpointBuilder, CancellationToken, Task> answer = provider.Answer!;
        provider.Answer = (builder, stop) =>
        {
            if (passive)
            {
                builder.AddChangeToken(new PassiveToken());
            }

            return answer(builder, stop);
        };
        await using StateReader reader = Read(new ServiceDiscoveryOptions { RefreshPeriod = TimeSpan.FromSeconds(7) }, Catalog, provider);
        await reader.NextAsync();
        long began = _time.GetTimestamp();

        answer = ScriptedProvider.Of("10.0.0.2:80").Answer!;

        Assert.Equal("10.0.0.2:80", Text(await NextAsync(reader)));
        Assert.InRange(_time.GetElapsedTime(began).TotalSeconds, 6.9, 14);
        Assert.Equal(2, provider.Answers);
    }

    [Fact]
    public async Task WatchAsync_OnlyTokensThatCallBack_IsNotPolled()
    {
        ScriptedProvider provider = ScriptedProvider.Of("10.0.0.1:80"), skipped = new() { GivesTokens = false };
        await using StateReader reader = Read(provider, skipped);
        await reader.NextAsync();

        _time.Advance(TimeSpan.FromHours(1));
        provider.Says("10.0.0.2:80").Change();

        Assert.Equal("10.0.0.2:80", Text(await NextAsync(reader)));
        Assert.Equal(2, provider.Answers);
    }

    [Fact]
    public async Task WatchAsync_ProviderFails_IsUnknownUntilItAnswers()
    {
        ScriptedProvider provider = new ScriptedProvider { GivesTokens = false }.Fails("no\nconnection");
        await using StateReader reader = Read(provider);

        EndpointSet state = await reader.NextAsync();
        Assert.Equal(EndpointSetStatus.Unknown, state.Status);
        Assert.Equal("service discovery providers failed: Scripted for http+https://catalog: no connection", state.Problem);
        await UntilAsync(() => provider.Answers > 5);
        provider.Says("10.0.0.1:80");

        Assert.Equal("10.0.0.1:80", Text(await NextAsync(reader)));
        Assert.Equal(
            ["ProviderFailed", "ProvidersAnswer"], _logger.Collector.GetSnapshot().Select(record => record.Id.Name));
    }

    [Fact]
    public async Task WatchAsync_ProviderFails_TheLastStateStands()
    {
        ScriptedProvider provider = ScriptedProvider.Of("10.0.0.1:80");
        await using StateReader reader = Read(provider);
        await reader.NextAsync();

        provider.Fails().Change();
        EndpointSet lost = await NextAsync(reader);

        Assert.Equal(EndpointSetStatus.Known, lost.Status);
        Assert.Equal("10.0.0.1:80", Text(lost));
        Assert.EndsWith("out of order", lost.Problem, StringComparison.Ordinal);
        provider.Says("10.0.0.1:80");
        Assert.Null((await NextAsync(reader)).Problem);
    }

    [Fact]
    public async Task WatchAsync_ProviderFails_WaitsLongerEachTimeUnlessACallWaits()
    {
        ScriptedProvider provider = new ScriptedProvider { GivesTokens = false }.Fails();
        await using StateReader reader = Read(provider);
        await UntilAsync(() => provider.Answers == 9);
        int answers = provider.Answers;

        // 100 ms doubled eight times: more than 20 s from here.
        for (int i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(answers, provider.Answers);
        long signalled = _time.GetTimestamp();
        reader.Pulse.Signal();
        await UntilAsync(() => provider.Answers == answers + 1);
        Assert.InRange(_time.GetElapsedTime(signalled).TotalSeconds, 0, 5);
    }

    [Fact]
    public async Task WatchAsync_TokenOfAFailedAnswer_IsWatchedToo()
    {
        ScriptedProvider provider = new ScriptedProvider().Fails();
        await using StateReader reader = Read(provider);
        await UntilAsync(() => provider.Answers == 9);
        long began = _time.GetTimestamp();

        provider.Says("10.0.0.1:80").Change();

        await reader.UntilAsync(state => state.Status is EndpointSetStatus.Known).WaitingFor(_time);
        Assert.InRange(_time.GetElapsedTime(began).TotalSeconds, 0, 2);
    }

    [Fact]
    public async Task WatchAsync_OneFormFailsAnotherAnswers_IsKnown()
    {
        ScriptedProvider failing = new ScriptedProvider { GivesTokens = false }.Fails();
        ScriptedProvider long_ = ScriptedProvider.Of("10.0.0.1:80");
        long_.Knows = query => query.ServiceName == Catalog.Host;
        await using StateReader reader = Read(failing, long_);

        EndpointSet state = await reader.NextAsync();

        Assert.Equal("10.0.0.1:80", Text(state));
        Assert.Null(state.Problem);
    }

    [Fact]
    public async Task WatchAsync_TheFormThatAnsweredFails_AnotherDoesNotTakeItsPlace()
    {
        ScriptedProvider short_ = ScriptedProvider.Of("10.0.0.1:80"), long_ = ScriptedProvider.Of("10.0.0.2:80");
        long_.Knows = query => query.ServiceName == Catalog.Host;
        await using StateReader reader = Read(short_, long_);
        await reader.NextAsync();

        short_.Fails().Change();

        Assert.Equal("10.0.0.1:80", Text(await NextAsync(reader)));
    }

    [Fact]
    public async Task WatchAsync_NoAnswer_IsSaidAfter3SecondsAndGivenUpAfter30()
    {
        var provider = new ScriptedProvider { Answer = (_, stop) => Task.Delay(Timeout.Infinite, stop) };
        await using StateReader reader = Read(provider);
        await UntilAsync(() => provider.Answers == 1, advance: false);

        EndpointSet state = await NextAsync(reader);
        Assert.Equal(EndpointSetStatus.Unknown, state.Status);
        Assert.Equal("service discovery providers gave no answer within 3 s", state.Problem);

        provider.Says("10.0.0.1:80");
        await reader.UntilAsync(known => known.Status is EndpointSetStatus.Known).WaitingFor(_time);
    }

    [Fact]
    public async Task WatchAsync_ProviderThatNeverEnds_DoesNotKeepTheConsumer()
    {
        var never = new TaskCompletionSource();
        var provider = new ScriptedProvider { Answer = (_, _) => never.Task };
        StateReader reader = Read(provider);
        await UntilAsync(() => provider.Answers == 1, advance: false);

        await reader.DisposeAsync();
        Assert.Equal(0, provider.Disposed);

        never.SetResult();
        await UntilAsync(() => provider.Disposed == provider.Created);
    }

    [Fact]
    public async Task WatchAsync_ConsumerLeaves_ProvidersAreDisposed()
    {
        ScriptedProvider provider = ScriptedProvider.Of("10.0.0.1:80");
        StateReader reader = Read(provider);
        await reader.NextAsync();

        await reader.DisposeAsync();

        await UntilAsync(() => provider.Disposed == 1);
        Assert.Equal(1, provider.Created);
    }

    [Fact]
    public async Task WatchAsync_FactoryThrows_IsNotNotFound()
    {
        await using StateReader reader = Read(new BadFactory());

        EndpointSet state = await reader.NextAsync();

        Assert.Equal(EndpointSetStatus.Unknown, state.Status);
        Assert.Contains("no factory", state.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WatchAsync_BadToken_LetsTheStateStand()
    {
        ScriptedProvider provider = ScriptedProvider.Of("10.0.0.1:80");
        Func<IServiceEndpointBuilder, CancellationToken, Task> answer = provider.Answer!;
        provider.Answer = (builder, stop) =>
        {
            builder.AddChangeToken(new ThrowingToken());
            return answer(builder, stop);
        };
        await using StateReader reader = Read(provider);

        EndpointSet state = await reader.UntilAsync(state => state.Problem is not null).WaitingFor(_time);

        Assert.Equal("10.0.0.1:80", Text(state));
        Assert.Contains("no callbacks here", state.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WatchAsync_NoProvider_SaysWhatToDo()
    {
        await using StateReader reader = Read();

        EndpointSet state = await reader.NextAsync();

        Assert.Equal(EndpointSetStatus.NotFound, state.Status);
        Assert.Contains("AddServiceDiscovery", state.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WatchAsync_PassThrough_IsNoAnswer()
    {
        await using ServiceProvider services = new ServiceCollection()
            .AddSingleton<IConfiguration>(TestMesh.Pairs(("Services:catalog:http:0", "http://10.0.0.1:5000")))
            .AddServiceDiscovery()
            .BuildServiceProvider();
        IServiceEndpointProviderFactory[] factories = [.. services.GetServices<IServiceEndpointProviderFactory>()];
        Assert.Equal(2, factories.Length);
        await using StateReader known = Read(factories), unknown = Read(new ServiceName("web.shop.svc.cluster.local", 80), factories);

        Assert.Equal("10.0.0.1:5000", Text(await known.NextAsync()));
        Assert.Equal(EndpointSetStatus.NotFound, (await unknown.NextAsync()).Status);
    }

    [Fact]
    public async Task WatchAsync_ManyEndpointsManyTwice_EachOnceInOrder()
    {
        string[] all =
        [
            .. Enumerable.Range(0, 20_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"10.0.{i / 250}.{i % 250}:80")),
        ];
        await using StateReader reader = Read(ScriptedProvider.Of([.. all, .. all.Reverse()]));

        Assert.Equal(string.Join(' ', all), Text(await reader.NextAsync()));
        Assert.Empty(_bad);
    }

    [Fact]
    public async Task WatchAsync_NothingOfUse_IsKnownAndEmptyAndReportedOnce()
    {
        await using StateReader reader = Read(ScriptedProvider.Of("ftp://10.0.0.1", "ftp://10.0.0.2"));

        EndpointSet state = await reader.NextAsync();

        Assert.Equal(EndpointSetStatus.Known, state.Status);
        Assert.Equal("service discovery providers gave 2 endpoints, none of which is of use", state.Problem);
        Assert.Equal(2, _bad.Count);
        Assert.Single(_logger.Collector.GetSnapshot(), record => record.Id.Name == "BadInput");
    }

    private static string Text(EndpointSet state) => string.Join(' ', state.Endpoints.Select(endpoint => endpoint.Address.Text));

    private StateReader Read(params IServiceEndpointProviderFactory[] factories) => Read(Catalog, factories);

    private StateReader Read(ServiceName service, params IServiceEndpointProviderFactory[] factories) =>
        Read(new ServiceDiscoveryOptions(), service, factories);

    private StateReader Read(ServiceDiscoveryOptions options, ServiceName service, params IServiceEndpointProviderFactory[] factories) =>
        new(new ProviderSource(factories, _mesh.Configuration, options, _time, _logger, _bad.Add), service);

    private Task<EndpointSet> NextAsync(StateReader reader) => reader.NextAsync().WaitingFor(_time);

    private Task UntilAsync(Func<bool> condition, bool advance = true) => Eventually.TrueAsync(() =>
    {
        if (condition())
        {
            return true;
        }

        _time.Advance(advance ? TimeSpan.FromMilliseconds(100) : TimeSpan.Zero);
        return false;
    });

    private sealed class PassiveToken : IChangeToken
    {
        public bool HasChanged => false;

        public bool ActiveChangeCallbacks => false;

        public IDisposable RegisterChangeCallback(Action<object?> callback, object? state) => throw new NotSupportedException();
    }

    private sealed class ThrowingToken : IChangeToken
    {
        public bool HasChanged => false;

        public bool ActiveChangeCallbacks => true;

        public IDisposable RegisterChangeCallback(Action<object?> callback, object? state) =>
            throw new NotSupportedException("no callbacks here");
    }

    private sealed class BadFactory : IServiceEndpointProviderFactory
    {
        public bool TryCreateProvider(ServiceEndpointQuery query, [NotNullWhen(true)] out IServiceEndpointProvider? provider) =>
            throw new InvalidOperationException("no factory");
    }
}
