using System.Net.Http.Headers;

namespace Mesh.Client.Tests.Routing.Filters;

internal static class HeaderDump
{
    /// <summary>Names, values and order, nothing parsed.</summary>
    public static string Of(params HttpHeaders?[] headers) =>
        string.Join("|", headers.Select(all => all is null
            ? "none"
            : string.Join(";", all.NonValidated.Select(header => $"{header.Key}={string.Join('~', header.Value)}"))));
}
