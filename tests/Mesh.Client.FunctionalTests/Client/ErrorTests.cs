using System.Collections.Immutable;
using System.Net;
using Mesh.Client.Discovery;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Model;
using Mesh.Client.Runtime;
using Mesh.Client.Tests.Discovery;
using Microsoft.Extensions.DependencyInjection;
using Endpoint = Mesh.Client.Model.Endpoint;

namespace Mesh.Client.FunctionalTests.Client;

/// <summary>An error names the service, the endpoints with what each said, and the reason.</summary>
public sealed class ErrorTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task NoEndpointReached_NamesEachWithWhatItSaid()
    {
        Uri[] dead = [DeadPort.TakeUri(), DeadPort.TakeUri()];
        await using MeshHost host = await MeshHost.StartAsync(MeshHost.Endpoints("catalog", dead));

        MeshException error = await FailAsync(host);

        Assert.Equal(MeshFailure.NoEndpoint, error.Reason);
        Assert.Equal("catalog.default.svc.cluster.local:80", error.Service);
        Assert.StartsWith(
            "catalog.default.svc.cluster.local:80: none of its 2 endpoints became available within 3 s.",
            error.Message,
            StringComparison.Ordinal);
        Assert.All(dead, uri => Assert.Contains(
            $"{uri.Authority} is out of reach ({uri.Authority}: Connection refused)", error.Message, StringComparison.Ordinal));
        Assert.All(error.Call!.Attempts, attempt => Assert.Equal(AttemptResult.ConnectFailure, attempt.Outcome));
        Assert.Equal(2, error.Call.Attempts.Count);
        Assert.Equal(0, error.Call.Retries);
    }

    [Fact]
    public async Task NoEndpoints_SaysWhoSaysSo()
    {
        await using MeshHost host = await MeshHost.StartAsync(
            [], services => services.AddSingleton<IEndpointSource>(new ManualSource().Set(EndpointSet.Known([]))));

        MeshException error = await FailAsync(host);

        Assert.Equal(MeshFailure.NoEndpoint, error.Reason);
        Assert.Contains("it has no endpoints (memory, configuration says so)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DiscoverySilent_SaysThatNoSourceAnswered()
    {
        await using MeshHost host = await MeshHost.StartAsync([], services => services.AddSingleton<IEndpointSource>(new ManualSource()));

        MeshException error = await FailAsync(host);

        Assert.Equal(MeshFailure.DiscoveryUnavailable, error.Reason);
        Assert.Equal(HttpRequestError.NameResolutionError, error.HttpRequestError);
        Assert.Contains("not known after 3 s", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConnectionBreaks_TellsTheAttempt()
    {
        await using InProcessServer server = await InProcessServer.HttpAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        await using MeshHost host = await MeshHost.StartAsync(MeshHost.Endpoints("catalog", server.Address));

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => host.Client().PostAsync("http://catalog/", null, Cancel));

        Assert.Equal(MeshFailure.Transport, error.Reason);
        MeshAttempt attempt = Assert.Single(error.Call!.Attempts);
        Assert.Equal((server.Address.Authority, AttemptResult.Reset), (attempt.Endpoint, attempt.Outcome));
        Assert.NotNull(attempt.Error);
        Assert.Contains($"Tried: {attempt.Endpoint} (LeastLoad): Reset, {attempt.Error}", error.Message, StringComparison.Ordinal);
        Assert.IsAssignableFrom<HttpRequestException>(error.InnerException);
    }

    [Fact]
    public async Task Https_InAMeshWithoutTls_IsNotSecured()
    {
        await using InProcessServer server = await InProcessServer.HttpAsync("catalog-1");
        await using MeshHost host = await MeshHost.StartAsync(MeshHost.Endpoints("catalog", server.Address));

        MeshException error = await Assert.ThrowsAsync<MeshException>(() => host.Client().GetAsync("https://catalog/", Cancel));

        Assert.Equal(MeshFailure.NotSecured, error.Reason);
        Assert.Contains("without TLS", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HundredThousandEndpoints_MessageStaysShort()
    {
        // Port 1 of addresses of this machine: nobody listens.
        ImmutableArray<Endpoint> endpoints = [.. Enumerable.Range(0, 100_000).Select(i => new Endpoint(Dead(i)))];
        await using MeshHost host = await MeshHost.StartAsync(
            [], services => services.AddSingleton<IEndpointSource>(new ManualSource().Set(EndpointSet.Known(endpoints))));
        await Eventually.TrueAsync(() => host.Service().Snapshot.Endpoints.Length == endpoints.Length);

        using var request = new HttpRequestMessage(HttpMethod.Get, "http://catalog/");

        // Not by a call: to try them all takes minutes.
        var error = (MeshException)CallErrors.NoEndpoint(
            new MeshCall(host.Service(), host.Snapshot()!, request, isGrpc: false, waitingSince: 0), TimeSpan.FromSeconds(3));

        Assert.Contains("100000 endpoints", error.Message, StringComparison.Ordinal);
        Assert.Contains("and 99980 more", error.Message, StringComparison.Ordinal);
        Assert.InRange(error.Message.Length, 100, 6000);
    }

    private static EndpointAddress Dead(int i)
    {
        Assert.True(
            EndpointAddress.TryParse($"{new IPAddress([127, 2, (byte)(i >> 8), (byte)i])}:{1 + (i >> 16)}", out EndpointAddress? address));
        return address;
    }

    private static Task<MeshException> FailAsync(MeshHost host) =>
        Assert.ThrowsAsync<MeshException>(() => host.Client().GetAsync("http://catalog/", Cancel));
}
