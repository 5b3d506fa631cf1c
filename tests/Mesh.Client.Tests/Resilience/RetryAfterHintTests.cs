using System.Net;
using Mesh.Client.Resilience;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Resilience;

public class RetryAfterHintTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("120", 120)]
    [InlineData("0", 0)]
    [InlineData("3600", 300)]
    [InlineData("99999999999999999999999", 300)]
    [InlineData("  7 ", 7)]
    [InlineData("Mon, 23 Nov 2026 12:00:30 GMT", 30)]
    [InlineData("Monday, 23-Nov-26 12:00:30 GMT", 30)]
    [InlineData("Mon Nov 23 12:00:30 2026", 30)]
    [InlineData("Mon, 23 Nov 2026 13:00:00 GMT", 300)]
    [InlineData("Mon, 23 Nov 2026 11:00:00 GMT", 0)]
    public void Read_RetryAfter_Waits(string value, int seconds)
    {
        Assert.Equal(RetryHint.Wait(TimeSpan.FromSeconds(seconds)), Read(HttpStatusCode.ServiceUnavailable, "Retry-After", value));
        Assert.Equal(RetryHint.Wait(TimeSpan.FromSeconds(seconds)), Read(HttpStatusCode.TooManyRequests, "retry-after", value));
    }

    [Theory]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("-5")]
    [InlineData("1.5")]
    [InlineData("1, 2")]
    public void Read_RetryAfterJunk_None(string value) =>
        Assert.Equal(RetryHint.None, Read(HttpStatusCode.ServiceUnavailable, "Retry-After", value));

    [Theory]
    [InlineData(HttpStatusCode.OK)]
    [InlineData(HttpStatusCode.BadGateway)]
    [InlineData(HttpStatusCode.MovedPermanently)]
    public void Read_RetryAfterOfAnotherStatus_None(HttpStatusCode status) =>
        Assert.Equal(RetryHint.None, Read(status, "Retry-After", "1"));

    [Fact]
    public void Read_NoHeader_None() => Assert.Equal(default, RetryAfterHint.Read(new HttpResponseMessage((HttpStatusCode)503), _time));

    [Theory]
    [InlineData("5000", 5)]
    [InlineData(" 0 ", 0)]
    [InlineData("999999", 300)]
    public void Read_Pushback_Waits(string value, int seconds) =>
        Assert.Equal(RetryHint.Wait(TimeSpan.FromSeconds(seconds)), Read(HttpStatusCode.OK, "grpc-retry-pushback-ms", value));

    [Theory]
    [InlineData("-1")]
    [InlineData("-70")]
    [InlineData("soon")]
    [InlineData("")]
    [InlineData("99999999999")]
    public void Read_PushbackNegativeOrJunk_Never(string value) =>
        Assert.Equal(RetryHint.Never, Read(HttpStatusCode.OK, "grpc-retry-pushback-ms", value));

    [Fact]
    public void Read_PushbackInTrailers_IsSeen()
    {
        var response = new HttpResponseMessage();
        response.TrailingHeaders.TryAddWithoutValidation("grpc-retry-pushback-ms", "40");
        Assert.Equal(RetryHint.Wait(TimeSpan.FromMilliseconds(40)), RetryAfterHint.Read(response, _time));
    }

    private RetryHint Read(HttpStatusCode status, string name, string value)
    {
        var response = new HttpResponseMessage(status);
        Assert.True(response.Headers.TryAddWithoutValidation(name, value));
        return RetryAfterHint.Read(response, _time);
    }
}
