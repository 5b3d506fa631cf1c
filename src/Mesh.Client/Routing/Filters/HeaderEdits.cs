using System.Collections.Frozen;
using System.Net.Http.Headers;
using Mesh.Client.Grpc;
using Mesh.Client.Model.Routes.Filters;

namespace Mesh.Client.Routing.Filters;

/// <summary>
/// Changes headers as a filter says, in Linkerd's order: add, set, remove. Each name goes where it belongs, to the message or to its
/// content; what belongs to a content that is not there is left out.
/// </summary>
internal static class HeaderEdits
{
    // How the message is framed on its connection is not the filters'; nor is what the mesh and its gRPC callers tell each other.
    private static readonly FrozenSet<string> Kept = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Connection", "Content-Length", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
        CallMetadata.HashKey, CallMetadata.BinaryHashKey, CallMetadata.Info);

    public static void Apply(HttpHeaders message, HttpHeaders? content, HeaderFilter filter)
    {
        foreach (HeaderValue header in filter.Add)
        {
            // There is only ever one host.
            bool isHost = header.Name.Equals("Host", StringComparison.OrdinalIgnoreCase);
            Put(message, content, header, replace: isHost);
        }

        foreach (HeaderValue header in filter.Set)
        {
            Put(message, content, header, replace: true);
        }

        foreach (string name in filter.Remove)
        {
            if (!Kept.Contains(name))
            {
                Remove(message, name);
                Remove(content, name);
            }
        }
    }

    private static void Put(HttpHeaders message, HttpHeaders? content, HeaderValue header, bool replace)
    {
        // Configuration refuses such values; a line of its own none can begin.
        if (Kept.Contains(header.Name) || header.Value.AsSpan().ContainsAny('\r', '\n', '\0'))
        {
            return;
        }

        if (replace)
        {
            Remove(message, header.Name);
            Remove(content, header.Name);
        }

        // False for what belongs to a content.
        if (!message.TryAddWithoutValidation(header.Name, header.Value))
        {
            content?.TryAddWithoutValidation(header.Name, header.Value);
        }
    }

    // To take off what cannot be there is an error.
    private static void Remove(HttpHeaders? headers, string name)
    {
        if (headers?.NonValidated.Contains(name) == true)
        {
            headers.Remove(name);
        }
    }
}
