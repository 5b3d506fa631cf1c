using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Identity;

namespace Mesh.Client.Kubernetes.AspNetCore.Tokens;

/// <summary>
/// A look at a token before the API server is asked. It verifies nothing, and lets nobody in: it turns away what the server would turn
/// away too, so that whoever shows nonsense costs it nothing. In doubt the server decides.
/// </summary>
internal static class TokenGlance
{
    /// <summary>Clocks differ, and the server's counts.</summary>
    public static readonly TimeSpan Leeway = TimeSpan.FromMinutes(5);

    /// <param name="token">As it came.</param>
    /// <param name="audience">Ours.</param>
    /// <returns>Why it cannot be good; null: the server is to say.</returns>
    public static string? Problem(ReadOnlySpan<byte> token, string audience, DateTimeOffset now)
    {
        using JsonDocument? claims = Read(token);
        if (claims is not { RootElement: { ValueKind: JsonValueKind.Object } all })
        {
            return "it is no service account's token: those are JWTs";
        }

        string subject = all.TryGetProperty("sub", out JsonElement sub) && sub.ValueKind is JsonValueKind.String ? Text(sub) : "";
        return !ServiceAccountIdentity.TryParseUser(subject, out _, out _)
                ? $"it is not a service account's but {(subject.Length > 0 ? RpcReason.Clean(subject) : "nobody")}'s"
            : all.TryGetProperty("exp", out JsonElement exp) && Expiry(exp) is { } end && end + Leeway < now
                ? $"it has expired at {end:u}, now is {now:u}"
            : all.TryGetProperty("aud", out JsonElement aud) && Audiences(aud) is { } audiences && !audiences.Contains(audience)
                ? $"it is not for the audience {audience} but for {RpcReason.Clean(string.Join(", ", audiences))}"
            : null;
    }

    private static JsonDocument? Read(ReadOnlySpan<byte> token)
    {
        int first = token.IndexOf((byte)'.');
        int last = token.LastIndexOf((byte)'.');
        if (first <= 0 || last <= first + 1 || last == token.Length - 1)
        {
            return null;
        }

        ReadOnlySpan<byte> payload = token[(first + 1)..last];
        byte[] json = new byte[Base64Url.GetMaxDecodedLength(payload.Length)];
        if (Base64Url.DecodeFromUtf8(payload, json, out _, out int length) is not OperationStatus.Done)
        {
            return null;
        }

        try
        {
            return JsonDocument.Parse(json.AsMemory(0, length));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static DateTimeOffset? Expiry(JsonElement exp) =>
        exp.ValueKind is JsonValueKind.Number && exp.TryGetInt64(out long seconds)
        && seconds >= 0 && seconds <= DateTimeOffset.MaxValue.AddYears(-1).ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    // One, or several.
    private static List<string>? Audiences(JsonElement aud) => aud.ValueKind switch
    {
        JsonValueKind.String => [Text(aud)],
        JsonValueKind.Array => [.. aud.EnumerateArray().Where(one => one.ValueKind is JsonValueKind.String).Select(Text)],
        _ => null,
    };

    // Half a surrogate is legal JSON and no text.
    private static string Text(JsonElement element)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return "";
        }
    }
}
