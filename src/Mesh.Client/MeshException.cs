namespace Mesh.Client;

/// <summary>A call that the mesh could not carry out. The message names the service, the endpoints and what each said.</summary>
public sealed class MeshException : HttpRequestException
{
    /// <summary>Creates one.</summary>
    /// <param name="service">The service's canonical name and port.</param>
    /// <param name="reason">Why it failed.</param>
    /// <param name="message">The whole story, for a person.</param>
    /// <param name="call">What was tried.</param>
    /// <param name="inner">What the connection threw, if one was made.</param>
    public MeshException(string service, MeshFailure reason, string message, MeshCallInfo? call = null, Exception? inner = null)
        : base((inner as HttpRequestException)?.HttpRequestError ?? ErrorOf(reason), message, inner)
    {
        Service = service;
        Reason = reason;
        Call = call;
    }

    /// <summary>The service's canonical name and port.</summary>
    public string Service { get; }

    /// <summary>Why it failed.</summary>
    public MeshFailure Reason { get; }

    /// <summary>
    /// Which limit refused the call, where <see cref="Reason"/> is <see cref="MeshFailure.Limit"/>: its option's name in
    /// <see cref="MeshLimitOptions"/>, such as <c>MaxRequests</c>. Null otherwise.
    /// </summary>
    public string? Limit { get; init; }

    /// <summary>What was tried; null when nothing was.</summary>
    public MeshCallInfo? Call { get; }

    private static HttpRequestError ErrorOf(MeshFailure reason) => reason switch
    {
        MeshFailure.UnknownService or MeshFailure.DiscoveryUnavailable => HttpRequestError.NameResolutionError,
        MeshFailure.NoEndpoint => HttpRequestError.ConnectionError,
        _ => HttpRequestError.Unknown,
    };
}
