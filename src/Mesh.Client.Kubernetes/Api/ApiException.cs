namespace Mesh.Client.Kubernetes.Api;

/// <summary>A request to the API server did not succeed. The message is for people, and holds no credential.</summary>
internal sealed class ApiException(ApiFailure failure, string message, TimeSpan? retryAfter = null, Exception? cause = null)
    : Exception(message, cause)
{
    public ApiFailure Failure { get; } = failure;

    /// <summary>So long the server wants to be left alone; null: it did not say.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
