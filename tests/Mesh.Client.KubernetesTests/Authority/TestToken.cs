using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;

namespace Mesh.Client.KubernetesTests.Authority;

/// <summary>
/// A token that looks like a service account's, and whose signature is one word: what the test's API server judges it by.
/// </summary>
internal static class TestToken
{
    public const string Audience = "mesh.client";

    /// <param name="word">The account, or what is wrong with it.</param>
    /// <param name="change">Of the claims.</param>
    public static string Of(string word, Action<JsonObject>? change = null)
    {
        var claims = new JsonObject
        {
            ["aud"] = new JsonArray(Audience),
            ["exp"] = 32503680000,
            ["sub"] = "system:serviceaccount:shop:web",
        };
        change?.Invoke(claims);
        return Of(word, claims.ToJsonString());
    }

    public static string Of(string word, string claims) =>
        $"{Encode("""{"alg":"RS256"}""")}.{Encode(claims)}.{Encode(word)}";

    /// <summary>The word of a token that was made here.</summary>
    public static string Word(string token) => Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token.AsSpan(token.LastIndexOf('.') + 1)));

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
