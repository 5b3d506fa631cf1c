using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Mesh.Client.Routing.Filters;

/// <summary>Responses that a policy gives in a server's place.</summary>
internal static class PolicyAnswer
{
    private const int GrpcUnknown = 2;

    /// <param name="text">Null: an empty body.</param>
    public static HttpResponseMessage Http(HttpRequestMessage request, int status, string? text) => new((HttpStatusCode)status)
    {
        RequestMessage = request,
        Version = request.Version.Major > 2 ? HttpVersion.Version20 : request.Version,
        Content = text is null ? new ByteArrayContent([]) : new StringContent(text, Encoding.UTF8, "text/plain"),
    };

    /// <summary>Trailers only: the status is in the head, and no message follows.</summary>
    public static HttpResponseMessage Grpc(HttpRequestMessage request, int status, string? message)
    {
        // Of a lesser version gRPC would not believe it.
        var response = new HttpResponseMessage(HttpStatusCode.OK)
        {
            RequestMessage = request,
            Version = HttpVersion.Version20,
            Content = new ByteArrayContent([]) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };
        response.Headers.TryAddWithoutValidation("grpc-status", status.ToString(CultureInfo.InvariantCulture));
        if (!string.IsNullOrEmpty(message))
        {
            response.Headers.TryAddWithoutValidation("grpc-message", Encode(message));
        }

        return response;
    }

    /// <summary>What gRPC makes of an HTTP status without one of its own (gRPC's http-grpc-status-mapping, as Envoy).</summary>
    public static int ToGrpc(int httpStatus) => httpStatus switch
    {
        400 => 13,
        401 => 16,
        403 => 7,
        404 => 12,
        429 or 502 or 503 or 504 => 14,
        _ => GrpcUnknown,
    };

    // gRPC over HTTP/2: all bytes of UTF-8 but printable ASCII, and the percent sign.
    private static string Encode(string message)
    {
        if (!message.AsSpan().ContainsAnyExceptInRange(' ', '~') && !message.Contains('%'))
        {
            return message;
        }

        var encoded = new StringBuilder();
        foreach (byte b in Encoding.UTF8.GetBytes(message))
        {
            if (b is >= (byte)' ' and <= (byte)'~' and not (byte)'%')
            {
                encoded.Append((char)b);
            }
            else
            {
                encoded.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
            }
        }

        return encoded.ToString();
    }
}
