namespace Mesh.Client.Routing;

/// <summary>Compares methods: well-known ones are sent in upper case, however they were written; of others the case matters.</summary>
internal static class MethodTest
{
    public static bool Is(HttpMethod method, HttpMethod expected) =>
        method.Equals(expected)
        && (method.Method == expected.Method || HttpMethod.Parse(method.Method).Method == expected.Method);
}
