using System.Globalization;
using System.Text.Json;
using Mesh.Client.Discovery.Destination;

namespace Mesh.Client.Kubernetes.Api;

/// <summary>What the API server says of a failure, in its <c>Status</c> object. Each part may be missing.</summary>
/// <param name="Code">As HTTP has it.</param>
/// <param name="Message">In one short line; empty where it said nothing.</param>
internal sealed record ApiStatus(int Code, string Message)
{
    /// <summary>So long the server wants to be left alone.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the version that was asked for is one this server has not reached: it was replaced, or lags behind.</summary>
    public bool IsTooLargeVersion { get; init; }

    /// <summary>Who was refused, as RBAC's messages name it; null: nobody is named.</summary>
    public string? User { get; init; }

    /// <summary>Whether it was refused because its namespace is going away.</summary>
    public bool IsTerminating { get; init; }

    /// <param name="code">Of the response, where the object has none.</param>
    /// <param name="status">Anything; what is no <c>Status</c> says nothing.</param>
    public static ApiStatus Read(int code, JsonElement status)
    {
        if (status.ValueKind is not JsonValueKind.Object)
        {
            return new ApiStatus(code, "");
        }

        JsonElement details = Part(status, "details", JsonValueKind.Object);
        bool isTooLarge = false;
        bool isTerminating = false;
        if (Part(details, "causes", JsonValueKind.Array) is { ValueKind: JsonValueKind.Array } causes)
        {
            foreach (JsonElement cause in causes.EnumerateArray())
            {
                isTooLarge |= JsonText.Of(cause, "reason") is "ResourceVersionTooLarge";
                isTerminating |= JsonText.Of(cause, "reason") is "NamespaceTerminating";
            }
        }

        string message = JsonText.Of(status, "message") ?? "";
        return new ApiStatus(Number(status, "code") is int own and > 0 ? own : code, RpcReason.Clean(message))
        {
            User = UserIn(message),
            RetryAfter = Number(details, "retryAfterSeconds") is int seconds and > 0 ? TimeSpan.FromSeconds(seconds) : null,
            IsTooLargeVersion = isTooLarge,
            IsTerminating = isTerminating,
        };
    }

    public override string ToString() =>
        Message.Length == 0 ? Code.ToString(CultureInfo.InvariantCulture) : $"{Code.ToString(CultureInfo.InvariantCulture)} ({Message})";

    private static string? UserIn(string message)
    {
        const string Before = "User \"";
        int start = message.IndexOf(Before, StringComparison.Ordinal) + Before.Length;
        int end = start < Before.Length ? -1 : message.IndexOf('"', start);
        return end < 0 ? null : RpcReason.Clean(message[start..end]);
    }

    private static JsonElement Part(JsonElement parent, string name, JsonValueKind kind) =>
        parent.ValueKind is JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement part) && part.ValueKind == kind
            ? part
            : default;

    private static int? Number(JsonElement parent, string name) =>
        Part(parent, name, JsonValueKind.Number) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out int value)
            ? value
            : null;
}
