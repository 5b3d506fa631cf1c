using System.Security.Cryptography;
using System.Text;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>
/// The status page: one document without any outside asset, put together from the resources in <c>Page</c>, and the policy that lets a
/// browser run its own script, wear its own style, ask its own server, and nothing else.
/// </summary>
internal static class StatusPage
{
    // Later ones use earlier ones as the page starts.
    private static readonly string[] Scripts =
    [
        "format.js", "dom.js", "charts.js", "tables.js", "stories.js", "identity.js", "parts.js", "served.js", "shares.js", "routes.js",
        "attention.js", "overview.js", "endpoints.js", "service.js", "live.js", "app.js",
    ];

    /// <summary>UTF-8.</summary>
    public static ReadOnlyMemory<byte> Document { get; }

    public static string ContentSecurityPolicy { get; }

    static StatusPage()
    {
        string style = Read("page.css");
        string script = $"'use strict';\n(() => {{\n{string.Concat(Scripts.Select(Read))}}})();\n";
        string document = Read("page.html")
            .Replace("{{page.css}}", style, StringComparison.Ordinal)
            .Replace("{{page.js}}", script, StringComparison.Ordinal);
        Document = Encoding.UTF8.GetBytes(document);
        ContentSecurityPolicy = "default-src 'none'; connect-src 'self'; img-src data:; " +
            $"style-src '{Hash(style)}'; script-src '{Hash(script)}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    }

    private static string Hash(string content) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}";

    // Browsers hash what they parsed, and they parse no carriage return.
    private static string Read(string name)
    {
        using Stream stream = typeof(StatusPage).Assembly.GetManifestResourceStream($"Mesh.Client.AspNetCore.Status.Page.{name}")
            ?? throw new InvalidOperationException($"The resource {name} is not there.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
