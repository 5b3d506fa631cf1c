using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.FunctionalTests.Routing;

/// <summary>What filters do to requests, to responses, and in place of an endpoint.</summary>
public sealed class FilterTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RequestHeaders_AreChangedForTheServer_AndTheCallersStayAsTheyWere()
    {
        await using Backend echo = await EchoAsync("x-tenant", "x-secret", "x-more");
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", echo.Address)],
            [
                ("Routes:0:Filters:0:RequestHeaders:Set:x-tenant", "shop"),
                ("Routes:0:Filters:0:RequestHeaders:Add:x-more", "2"),
                ("Routes:0:Filters:0:RequestHeaders:Remove:0", "x-secret"),
            ]);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("x-tenant", "other");
        request.Headers.Add("x-secret", "s");
        request.Headers.Add("x-more", "1");
        string before = request.ToString();

        using HttpResponseMessage response = await mesh.Client().SendAsync(request, Cancellation);

        Assert.Equal("x-tenant=shop x-secret= x-more=1, 2", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(before.Replace("'/'", "'http://catalog/'", StringComparison.Ordinal), request.ToString());
    }

    [Fact]
    public async Task Rewrite_ChangesPathAndHost_NotWhereItGoes()
    {
        await using Backend echo = await Backend.StartAsync(
            context => context.Response.WriteAsync($"{context.Request.Host} {context.Request.Path}{context.Request.QueryString}"));
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", echo.Address)],
            [
                ("Routes:0:Match:Path:Prefix", "/v2"),
                ("Routes:0:Filters:0:Rewrite:Host", "inner.example"),
                ("Routes:0:Filters:0:Rewrite:PathPrefix", "/api"),
            ]);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v2/items?q=a%20b");

        using HttpResponseMessage response = await mesh.Client().SendAsync(request, Cancellation);

        Assert.Equal("inner.example /api/items?q=a%20b", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal("http://catalog/v2/items?q=a%20b", request.RequestUri!.AbsoluteUri);
        Assert.Null(request.Headers.Host);
        Assert.Equal(echo.Address, Assert.Single(response.GetMeshCallInfo()!.Attempts).Endpoint);
    }

    [Fact]
    public async Task ResponseHeaders_AreChangedForTheCaller()
    {
        await using Backend now = await RoutedMesh.NamedAsync("now");
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", now.Address)],
            [
                ("Routes:0:Filters:0:ResponseHeaders:Set:x-route", "first"),
                ("Routes:0:Filters:0:ResponseHeaders:Remove:0", "Date"),
            ]);

        using HttpResponseMessage response = await mesh.Client().GetAsync("/", Cancellation);

        Assert.Equal("first", Assert.Single(response.Headers.GetValues("x-route")));
        Assert.Null(response.Headers.Date);
    }

    [Fact]
    public async Task Redirect_IsHandedToTheCaller()
    {
        await using Backend now = await RoutedMesh.NamedAsync("now");
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", now.Address)],
            [
                ("Routes:0:Match:Path:Prefix", "/old"),
                ("Routes:0:Filters:0:Redirect:PathPrefix", "/new"),
                ("Routes:0:Filters:0:Redirect:Status", "308"),
            ]);

        using HttpResponseMessage response = await mesh.Client().GetAsync("/old/items?x=1", Cancellation);

        Assert.Equal(HttpStatusCode.PermanentRedirect, response.StatusCode);
        Assert.Equal(new Uri("http://catalog/new/items?x=1"), response.Headers.Location);
        MeshCallInfo call = response.GetMeshCallInfo()!;
        Assert.Equal("redirect", call.AnsweredBy);
        Assert.Empty(call.Attempts);
        Assert.Equal(0, now.Hits);
        Assert.Equal(0, mesh.Service().Active);
    }

    [Fact]
    public async Task FaultAbort_AnswersInPlaceOfTheServer()
    {
        await using Backend now = await RoutedMesh.NamedAsync("now");
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", now.Address)],
            [
                ("Filters:0:Fault:Abort:Status", "503"),
                ("Filters:0:Fault:Abort:Message", "on purpose"),
                ("Filters:0:Fault:Abort:Ratio", "1"),
            ]);

        using HttpResponseMessage response = await mesh.Client().GetAsync("/", Cancellation);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("on purpose", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal("fault", response.GetMeshCallInfo()!.AnsweredBy);
        Assert.Equal(0, now.Hits);
        Assert.Equal(0, mesh.Service().Active);
    }

    [Fact]
    public async Task FaultAbort_OfGrpc_HasItsStatus()
    {
        await using Backend now = await RoutedMesh.NamedAsync("now");
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", now.Address)],
            [
                ("Filters:0:Fault:Abort:GrpcStatus", "ResourceExhausted"),
                ("Filters:0:Fault:Abort:Message", "on purpose"),
                ("Filters:0:Fault:Abort:Ratio", "1"),
            ]);
        using GrpcChannel channel = mesh.Channels.CreateChannel("catalog");
        AsyncUnaryCall<ProbeReply> call = new Probe.ProbeClient(channel).WhoAsync(
            new ProbeRequest(), new CallOptions(cancellationToken: Cancellation).WithMeshCallInfo());

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);

        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
        Assert.Equal("on purpose", error.Status.Detail);
    }

    [Fact]
    public async Task FaultDelay_HoldsTheCallBack_AndACancellationEndsIt()
    {
        var clock = new FakeTimeProvider();
        await using Backend now = await RoutedMesh.NamedAsync("now");
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", now.Address)],
            [
                ("Filters:0:Fault:Delay:Fixed", "00:00:10"),
                ("Filters:0:Fault:Delay:Ratio", "1"),
                ("Filters:0:Fault:MaxActive", "2"),
            ],
            clock);
        using var cancelled = new CancellationTokenSource();
        Task<HttpResponseMessage> slow = mesh.Client().GetAsync("/", Cancellation);
        Task<HttpResponseMessage> givenUp = mesh.Client().GetAsync("/", cancelled.Token);
        await Eventually.TrueAsync(() => mesh.Service().Active == 2);

        // The cap is reached: others go unharmed.
        Assert.Equal("now", await mesh.AskAsync());
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givenUp);
        clock.Advance(TimeSpan.FromSeconds(9));
        Assert.False(slow.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));

        using HttpResponseMessage response = await slow;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(0, mesh.Service().Active);
    }

    // The rule's for all, each backend's for its own share; a call that moves on to the other backend has only the other's.
    [Fact]
    public async Task BackendFilters_AreForTheirBackend()
    {
        await using Backend echo = await EchoAsync("x-all", "x-one", "x-two");
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("one", "127.0.0.1:1"), ("two", echo.Address)],
            [
                ("Routes:0:Filters:0:RequestHeaders:Set:x-all", "a"),
                ("Routes:0:BackendChoice", "FirstAvailable"),
                ("Routes:0:Backends:0:Service", "one"),
                ("Routes:0:Backends:0:Filters:0:RequestHeaders:Set:x-one", "1"),
                ("Routes:0:Backends:1:Service", "two"),
                ("Routes:0:Backends:1:Filters:0:RequestHeaders:Set:x-two", "2"),
                ("Routes:0:Backends:1:Filters:1:ResponseHeaders:Set:x-back", "two"),
            ]);
        using HttpResponseMessage response = await mesh.Client().GetAsync("/", Cancellation);

        Assert.Equal("x-all=a x-one= x-two=2", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal("two", Assert.Single(response.Headers.GetValues("x-back")));
    }

    private static Task<Backend> EchoAsync(params string[] headers) => Backend.StartAsync(context => context.Response.WriteAsync(
        string.Join(' ', headers.Select(name => $"{name}={context.Request.Headers[name]}"))));
}
