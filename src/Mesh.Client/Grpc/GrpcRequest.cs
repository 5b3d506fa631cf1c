using System.Net.Http.Headers;
using System.Text;

namespace Mesh.Client.Grpc;

/// <summary>Recognises gRPC calls, and takes off what their callers say to the mesh.</summary>
internal static class GrpcRequest
{
    public static bool Is(HttpRequestMessage request) =>
        request.Content is { } content
        && content.Headers.NonValidated.TryGetValues("Content-Type", out HeaderStringValues type)
        && type.ToString().StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase);

    /// <summary>The caller's hash key; taken off, since it means nothing on the wire.</summary>
    public static string? TakeHashKey(HttpRequestMessage request)
    {
        string? key = Take(request, CallMetadata.HashKey);
        string? encoded = Take(request, CallMetadata.BinaryHashKey);
        return key ?? (encoded is null ? null : FromBase64(encoded));
    }

    /// <summary>The same, and it stays.</summary>
    public static bool IsInfoWanted(HttpRequestMessage request) => request.Headers.NonValidated.Contains(CallMetadata.Info);

    /// <summary>Whether the caller wants to know what the mesh did; taken off.</summary>
    public static bool TakeInfoWanted(HttpRequestMessage request) => Take(request, CallMetadata.Info) is not null;

    /// <summary>Puts back what was taken off and is not there again: who retries above the mesh sends the same request again.</summary>
    public static void GiveBack(HttpRequestMessage request, string? hashKey, bool infoWanted)
    {
        if (hashKey is not null && Ascii.IsValid(hashKey))
        {
            GiveBack(request, CallMetadata.HashKey, hashKey);
        }
        else if (hashKey is not null)
        {
            GiveBack(request, CallMetadata.BinaryHashKey, Convert.ToBase64String(Encoding.UTF8.GetBytes(hashKey)));
        }

        if (infoWanted)
        {
            GiveBack(request, CallMetadata.Info, CallMetadata.Wanted);
        }
    }

    /// <summary>Which try of gRPC's own retry policy this is; 0 is the first.</summary>
    public static int PreviousAttempts(HttpRequestMessage request) =>
        request.Headers.NonValidated.TryGetValues("grpc-previous-rpc-attempts", out HeaderStringValues values)
        && int.TryParse(values.ToString(), out int attempts)
            ? attempts
            : 0;

    private static void GiveBack(HttpRequestMessage request, string name, string value)
    {
        if (!request.Headers.NonValidated.Contains(name))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private static string? Take(HttpRequestMessage request, string name)
    {
        if (!request.Headers.NonValidated.TryGetValues(name, out HeaderStringValues values))
        {
            return null;
        }

        string value = values.ToString();
        request.Headers.Remove(name);
        return value;
    }

    // gRPC leaves the padding of binary metadata out.
    private static string? FromBase64(string text)
    {
        string padded = text.PadRight((text.Length + 3) / 4 * 4, '=');
        byte[] bytes = new byte[padded.Length];
        return Convert.TryFromBase64String(padded, bytes, out int written) ? Encoding.UTF8.GetString(bytes, 0, written) : null;
    }
}
