using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Mesh.Client.Resilience;

/// <summary>
/// Reads how long a server asks to be left alone: <c>grpc-retry-pushback-ms</c> (gRFC A6), or <c>Retry-After</c> of a 429 or 503
/// (RFC 9110 §10.2.3). Waits are capped at 300 s, as in Linkerd.
/// </summary>
internal static class RetryAfterHint
{
    private static readonly TimeSpan Cap = TimeSpan.FromSeconds(300);

    /// <summary>The three forms of an HTTP date: IMF-fixdate, RFC 850, asctime.</summary>
    private static readonly string[] DateFormats = ["r", "dddd, dd-MMM-yy HH:mm:ss 'GMT'", "ddd MMM d HH:mm:ss yyyy"];

    public static RetryHint Read(HttpResponseMessage response, TimeProvider time)
    {
        // A gRPC answer of trailers only has the pushback among its headers.
        if (TryGet(response.Headers, "grpc-retry-pushback-ms", out string? pushback)
            || TryGet(response.TrailingHeaders, "grpc-retry-pushback-ms", out pushback))
        {
            return ReadPushback(pushback);
        }

        return response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable
            && TryGet(response.Headers, "Retry-After", out string? retryAfter)
            ? ReadRetryAfter(retryAfter, time)
            : RetryHint.None;
    }

    private static bool TryGet(HttpHeaders headers, string name, out string value)
    {
        bool found = headers.NonValidated.TryGetValues(name, out HeaderStringValues values);
        value = found ? values.ToString().Trim() : "";
        return found;
    }

    // A6: a value that is negative or cannot be parsed asks not to retry at all.
    private static RetryHint ReadPushback(string value) =>
        int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int milliseconds) && milliseconds >= 0
            ? Wait(TimeSpan.FromMilliseconds(milliseconds))
            : RetryHint.Never;

    private static RetryHint ReadRetryAfter(string value, TimeProvider time)
    {
        if (value.Length > 0 && !value.AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            return Wait(long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
                ? TimeSpan.FromSeconds(Math.Min(seconds, (long)Cap.TotalSeconds))
                : Cap);
        }

        const DateTimeStyles Styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowInnerWhite;
        return DateTimeOffset.TryParseExact(value, DateFormats, CultureInfo.InvariantCulture, Styles, out DateTimeOffset date)
            ? Wait(date - time.GetUtcNow())
            : RetryHint.None;
    }

    private static RetryHint Wait(TimeSpan delay) =>
        RetryHint.Wait(delay < TimeSpan.Zero ? TimeSpan.Zero : delay > Cap ? Cap : delay);
}
