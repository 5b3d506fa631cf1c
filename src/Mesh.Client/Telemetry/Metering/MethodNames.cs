namespace Mesh.Client.Telemetry.Metering;

/// <summary>Methods as OpenTelemetry's conventions name them: those that are known, and one name for all others.</summary>
internal static class MethodNames
{
    public const string Other = "_OTHER";

    private static readonly HttpMethod[] Known =
    [
        HttpMethod.Get, HttpMethod.Post, HttpMethod.Put, HttpMethod.Delete, HttpMethod.Patch, HttpMethod.Head, HttpMethod.Options,
        HttpMethod.Connect, HttpMethod.Trace, HttpMethod.Query,
    ];

    public static int IndexOf(HttpMethod method)
    {
        for (int i = 0; i < Known.Length; i++)
        {
            if (ReferenceEquals(Known[i], method))
            {
                return i;
            }
        }

        int equal = Array.IndexOf(Known, method);
        return equal < 0 ? Known.Length : equal;
    }

    /// <summary>Null: there is no end of the others.</summary>
    public static string? Find(HttpMethod method) => IndexOf(method) is var index && index < Known.Length ? Known[index].Method : null;

    public static string NameAt(int index) => index < Known.Length ? Known[index].Method : Other;
}
