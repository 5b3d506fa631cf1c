using System.Net.Http.Json;
using Mesh.Client.Resilience;
using Mesh.Client.Resilience.Hedging;

namespace Mesh.Client.Tests.Resilience.Hedging;

public class RequestCopiesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(10, false)]
    [InlineData(RequestCopies.MaxBody - 2, false)]
    [InlineData(RequestCopies.MaxBody, true)]
    [InlineData(10 * RequestCopies.MaxBody, true)]
    public async Task Make_LengthUnknown_KeepsWhatIsShortAndSendsTheCallersElse(int length, bool isOnlyOne)
    {
        string text = new('x', length);
        using var request = new HttpRequestMessage(HttpMethod.Put, "http://catalog") { Content = JsonContent.Create(text) };
        Assert.True(RequestCopies.AreFor(request));

        RequestCopies copies = await RequestCopies.OfAsync(request, Cancellation);

        Assert.Equal(isOnlyOne, copies.IsOnlyOne);
        for (int i = 0; i < 2; i++)
        {
            using HttpRequestMessage copy = copies.Make();
            Assert.Equal("application/json", copy.Content!.Headers.ContentType!.MediaType);
            Assert.Equal(ReplayMode.AsIs, Replay.Classify(copy));
            Assert.Equal(text, await copy.Content.ReadFromJsonAsync<string>(Cancellation));
        }

        Assert.Equal(text, await request.Content.ReadFromJsonAsync<string>(Cancellation));
    }

    [Fact]
    public async Task Make_NoContent_HasNone()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://catalog");
        RequestCopies copies = await RequestCopies.OfAsync(request, Cancellation);
        using HttpRequestMessage copy = copies.Make();

        Assert.False(copies.IsOnlyOne);
        Assert.Null(copy.Content);
    }

    // A writer that has nothing more to write is told of no failure.
    [Fact]
    public void LimitedBuffer_TooLong_StopsWhoWritesOn()
    {
        using var buffer = new LimitedBuffer(3);
        buffer.Write([1, 2, 3]);
        Assert.Equal([1, 2, 3], buffer.Bytes.ToArray());

        buffer.Write([4]);

        Assert.True(buffer.IsTooLong);
        Assert.Throws<IOException>(() => buffer.WriteByte(5));
    }
}
