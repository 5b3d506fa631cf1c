using System.Diagnostics.Metrics;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json.Nodes;
using Mesh.Client.AspNetCore;
using Mesh.Client.AspNetCore.Injector;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.AspNetCore.Injector;

/// <summary>Whom the injector answers, and how many at once.</summary>
public sealed class InjectorWebhookTests : IDisposable
{
    private const string Review = """
        { "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": { "uid": "u", "namespace": "shop",
          "operation": "CREATE", "kind": { "group": "", "version": "v1", "kind": "Pod" },
          "object": { "metadata": { "name": "web-0" }, "spec": { "containers": [{ "name": "web" }] } } } }
        """;

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FakeTimeProvider _clock = new();
    private readonly FakeLogger<InjectorLog> _logger = new();
    private readonly ReviewGate _gate = new(running: 1, waiting: 1);
    private readonly InjectorWebhook _webhook;

    public InjectorWebhookTests() => _webhook = new InjectorWebhook(
        new PodInjector(Options.Create(new MeshInjectorOptions())),
        _gate,
        new InjectorMetrics(_services.GetRequiredService<IMeterFactory>()),
        new InjectorLog(_clock, _logger),
        _clock);

    public void Dispose()
    {
        _gate.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task ConnectionOfAnotherEndpoint_FindsNothing()
    {
        DefaultHttpContext context = Context(marked: false);

        await _webhook.HandleAsync(context);

        Assert.Equal((404, 0), (context.Response.StatusCode, (int)context.Response.Body.Length));
        Assert.Empty(_logger.Collector.GetSnapshot());
    }

    [Fact]
    public async Task MoreThanMayWait_AreToldToComeAgain()
    {
        DefaultHttpContext[] waiting = [Context(body: new Pipe().Reader.AsStream()), Context(body: new Pipe().Reader.AsStream())];
        Task[] reviews = [.. waiting.Select(_webhook.HandleAsync)];
        DefaultHttpContext one = Context();

        await _webhook.HandleAsync(one);

        Assert.Equal(429, one.Response.StatusCode);
        Assert.Equal("1", one.Response.Headers.RetryAfter);
        Assert.Equal("mesh injector: too many reviews at once", Message(one));
        Assert.All(reviews, review => Assert.False(review.IsCompleted));

        _clock.Advance(InjectorWebhook.MaxBodyTime);
        await Task.WhenAll(reviews);
        DefaultHttpContext next = Context();
        await _webhook.HandleAsync(next);
        Assert.Equal(200, next.Response.StatusCode);
    }

    [Fact]
    public async Task BodyThatDoesNotCome_IsRefusedInTime()
    {
        DefaultHttpContext context = Context(body: new Pipe().Reader.AsStream());
        Task review = _webhook.HandleAsync(context);
        Assert.False(review.IsCompleted);

        _clock.Advance(InjectorWebhook.MaxBodyTime);
        await review;

        Assert.Equal(408, context.Response.StatusCode);
        Assert.Equal("mesh injector: the review took longer than 10 s to come", Message(context));
    }

    [Fact]
    public async Task OneIsWorkedOnAtATime_AndWhoGoesAwayGivesItsPlaceBack()
    {
        await _gate.BeginAsync(TestContext.Current.CancellationToken);
        using var gone = new CancellationTokenSource();
        DefaultHttpContext[] contexts = [Context(), Context()];
        contexts[0].RequestAborted = gone.Token;
        Task[] reviews = [.. contexts.Select(_webhook.HandleAsync)];
        Assert.All(reviews, review => Assert.False(review.IsCompleted));

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reviews[0]);
        Assert.True(_gate.TryEnter());
        _gate.Leave();
        _gate.End();
        await reviews[1];

        Assert.Equal(200, contexts[1].Response.StatusCode);
    }

    [Fact]
    public async Task LinesAboutPods_AreLimitedAndCounted()
    {
        for (int i = 0; i < InjectorLog.PerSecond + 7; i++)
        {
            await _webhook.HandleAsync(Context());
        }

        Assert.Equal(InjectorLog.PerSecond, _logger.Collector.GetSnapshot().Count(record => record.Id.Name == "PodInjected"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        await _webhook.HandleAsync(Context());

        Assert.Equal(InjectorLog.PerSecond + 1, _logger.Collector.GetSnapshot().Count(record => record.Id.Name == "PodInjected"));
        Assert.Equal(
            "7 lines PodInjected were left out: no more than 10 are logged in a second.",
            Assert.Single(_logger.Collector.GetSnapshot(), record => record.Id.Name == "PodsNotLogged").Message);
    }

    private static DefaultHttpContext Context(bool marked = true, Stream? body = null)
    {
        var context = new DefaultHttpContext();
        if (marked)
        {
            context.Features.Set(InjectorConnection.Instance);
        }

        context.Request.ContentType = "application/json";
        context.Request.Body = body ?? new MemoryStream(Encoding.UTF8.GetBytes(Review));
        context.Response.Body = new MemoryStream();
        return context;
    }

    private static string? Message(HttpContext context) =>
        (string?)JsonNode.Parse(((MemoryStream)context.Response.Body).ToArray())!["message"];
}
