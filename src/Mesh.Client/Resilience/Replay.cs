using System.Collections;
using System.Net.Http.Json;
using System.Reflection;
using Grpc.Net.Client;

namespace Mesh.Client.Resilience;

/// <summary>Tells what of a request's content can be sent again.</summary>
internal static class Replay
{
    private static readonly Assembly GrpcClient = typeof(GrpcChannel).Assembly;

    /// <summary>What it takes to send this request's content a second time.</summary>
    public static ReplayMode Classify(HttpRequestMessage request)
    {
        if (request.Content is not { } content)
        {
            return ReplayMode.AsIs;
        }

        // Exact types: what is derived from them may serialize anything.
        Type type = content.GetType();
        if (type == typeof(StringContent) || type == typeof(ByteArrayContent) || type == typeof(FormUrlEncodedContent)
            || type == typeof(ReadOnlyMemoryContent))
        {
            return ReplayMode.AsIs;
        }

        if (content is JsonContent json)
        {
            return IsLazy(json.Value) ? ReplayMode.Copy : ReplayMode.AsIs;
        }

        if (content is ReplayContent { GivesTheSame: true })
        {
            return ReplayMode.AsIs;
        }

        return type.Assembly == GrpcClient ? ClassifyGrpc(type.Name) : ReplayMode.Copy;
    }

    // A sequence that is computed while it is read may give something else, or nothing, the second time.
    private static bool IsLazy(object? value) =>
        value is IAsyncEnumerable<object> || (value is IEnumerable and not string and not ICollection);

    // grpc-dotnet's contents are internal. A unary one serializes its message anew each time.
    private static ReplayMode ClassifyGrpc(string name) =>
        name.StartsWith("PushUnaryContent", StringComparison.Ordinal) || name.StartsWith("WinHttpUnaryContent", StringComparison.Ordinal)
            ? ReplayMode.AsIs
            : name.StartsWith("PushStreamContent", StringComparison.Ordinal) ? ReplayMode.Once : ReplayMode.Copy;
}
