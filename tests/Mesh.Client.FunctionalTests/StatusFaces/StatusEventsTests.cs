using System.Text.Json;
using Mesh.Client.FunctionalTests.Hosting;

namespace Mesh.Client.FunctionalTests.StatusFaces;

/// <summary>Following the status.</summary>
public sealed class StatusEventsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/mesh/events")]
    [InlineData("/mesh/services/catalog/events")]
    public async Task Events_WhileRead_ComeAndEndWhenTheApplicationStops(string path)
    {
        await using StatusApp app = await StatusApp.StartAsync(MeshHost.Catalog(1));
        await app.KnownAsync();
        using HttpResponseMessage response = await app.GetAsync(path);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Stop));
        DateTimeOffset first = await ReadAsync(reader);
        Assert.Equal(1, app.Readers);

        Assert.True(await ReadAsync(reader) > first);

        Task stopped = app.StopAsync();
        while (await reader.ReadLineAsync(Stop) is not null)
        {
        }

        await stopped;
        Assert.Equal(0, app.Readers);
    }

    [Fact]
    public async Task Events_WhoseReaderLeaves_End()
    {
        await using StatusApp app = await StatusApp.StartAsync(MeshHost.Catalog(1));
        using (HttpResponseMessage response = await app.GetAsync("/mesh/events"))
        {
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Stop));
            await ReadAsync(reader);
            Assert.Equal(1, app.Readers);
        }

        await Eventually.TrueAsync(() => app.Readers == 0);
        Assert.Equal(0, app.Readers);
    }

    [Theory]
    [InlineData("/mesh/events", "/mesh/events")]
    [InlineData("/mesh/services/catalog/events", "/mesh/services/catalog.default/events?offset=0&limit=200")]
    public async Task Events_OfManyReaders_AreTheSame(string path, string same)
    {
        await using StatusApp app = await StatusApp.StartAsync(MeshHost.Catalog(1));
        await app.KnownAsync();
        using HttpResponseMessage one = await app.GetAsync(path);
        using var oneReader = new StreamReader(await one.Content.ReadAsStreamAsync(Stop));
        using HttpResponseMessage two = await app.GetAsync(same);
        using var twoReader = new StreamReader(await two.Content.ReadAsStreamAsync(Stop));

        // The second may come late by once the age of what it gets; then they are in step.
        HashSet<DateTimeOffset> first = [], second = [];
        while (first.Intersect(second).Count() < 2)
        {
            Assert.True(first.Count < 20, "They share nothing.");
            first.Add(await ReadAsync(oneReader));
            second.Add(await ReadAsync(twoReader));
        }
    }

    private static async Task<DateTimeOffset> ReadAsync(StreamReader reader)
    {
        Assert.Equal("event: status", await reader.ReadLineAsync(Stop));
        string data = (await reader.ReadLineAsync(Stop))!;
        Assert.Equal("", await reader.ReadLineAsync(Stop));
        Assert.StartsWith("data: ", data, StringComparison.Ordinal);
        using JsonDocument status = JsonDocument.Parse(data.AsMemory("data: ".Length));
        return status.RootElement.GetProperty("at").GetDateTimeOffset();
    }
}
