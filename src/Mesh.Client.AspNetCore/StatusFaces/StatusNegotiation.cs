using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Headers;
using Microsoft.Net.Http.Headers;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>Chooses the face that a request asks for.</summary>
internal static class StatusNegotiation
{
    /// <summary>By <c>?format=</c>, else by <c>Accept</c>; text for who takes anything. Null: a format that there is not.</summary>
    public static StatusFace? Of(HttpRequest request)
    {
        string? format = request.Query["format"];
        return format switch
        {
            null or "" => ByAccept(request),
            "text" => StatusFace.Text,
            "json" => StatusFace.Json,
            "html" => StatusFace.Html,
            _ => null,
        };
    }

    private static StatusFace ByAccept(HttpRequest request)
    {
        (StatusFace face, double best) = (StatusFace.Text, 0);
        foreach (MediaTypeHeaderValue accepted in new RequestHeaders(request.Headers).Accept)
        {
            double quality = accepted.Quality ?? 1;
            StatusFace? named = Named(accepted.MediaType.Value);
            if (named is { } found && quality > best)
            {
                (face, best) = (found, quality);
            }
        }

        return face;
    }

    private static StatusFace? Named(string? type) => type?.ToLowerInvariant() switch
    {
        "text/html" or "application/xhtml+xml" => StatusFace.Html,
        "application/json" or "text/json" => StatusFace.Json,
        "text/plain" => StatusFace.Text,
        _ => null,
    };
}
