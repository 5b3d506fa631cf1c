namespace Mesh.Client.Discovery.Configuration;

/// <summary>What a pod is told of itself: environment variables from the downward API, and the service account's directory.</summary>
/// <param name="variable">Reads a variable.</param>
/// <param name="namespaceFile">Holds the pod's namespace wherever a service account is mounted.</param>
internal sealed class LinkerdEnvironment(Func<string, string?> variable, string namespaceFile)
{
    public const string Namespace = "POD_NAMESPACE";
    public const string Pod = "POD_NAME";
    public const string Node = "NODE_NAME";
    public const string ServiceAccount = "POD_SERVICE_ACCOUNT";

    private const string Cluster = "KUBERNETES_SERVICE_HOST";

    public static LinkerdEnvironment Process { get; } =
        new(Environment.GetEnvironmentVariable, "/var/run/secrets/kubernetes.io/serviceaccount/namespace");

    /// <summary>Whether this is a pod: each is told where its cluster is.</summary>
    public bool IsPod => Read(Cluster) is not null;

    /// <summary>Null where it is not set, or empty.</summary>
    public string? Read(string name) => variable(name) is { Length: > 0 } value ? value : null;

    public string? ReadNamespace()
    {
        if (Read(Namespace) is { } given)
        {
            return given;
        }

        try
        {
            return File.ReadAllText(namespaceFile).Trim() is { Length: > 0 } name ? name : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
