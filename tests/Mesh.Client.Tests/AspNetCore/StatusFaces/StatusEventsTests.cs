using System.Text;
using Mesh.Client.AspNetCore.StatusFaces;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.AspNetCore.StatusFaces;

public sealed class StatusEventsTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task SendAsync_AfterAQuarterOfAnHour_EndsAndAsksForAnotherRequest()
    {
        using ServiceProvider services = new ServiceCollection().AddSingleton<TimeProvider>(_time).BuildServiceProvider();
        var events = new StatusEvents(services);
        using var body = new MemoryStream();
        var context = new DefaultHttpContext();
        context.Request.Method = HttpMethods.Get;
        context.Response.Body = body;
        TimeSpan followed = TimeSpan.Zero;

        Task sent = events.SendAsync(context, default, _ => "{}"u8.ToArray());
        while (!sent.IsCompleted && followed < TimeSpan.FromHours(1))
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            followed += TimeSpan.FromSeconds(1);
            await Task.Yield();
        }

        Assert.True(sent.IsCompletedSuccessfully, "It goes on.");
        Assert.InRange(followed, TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(16));
        string text = Encoding.UTF8.GetString(body.ToArray());
        Assert.StartsWith("event: status\ndata: {}\n\n", text, StringComparison.Ordinal);
        Assert.EndsWith("event: again\ndata: {}\n\n", text, StringComparison.Ordinal);
        Assert.Equal(0, events.Readers);
    }
}
