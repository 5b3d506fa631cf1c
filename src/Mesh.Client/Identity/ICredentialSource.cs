namespace Mesh.Client.Identity;

/// <summary>Somewhere this process gets its credential and its anchors from.</summary>
internal interface ICredentialSource
{
    /// <summary>In words for people: <c>certificate /tls/tls.crt</c>.</summary>
    string Name { get; }

    /// <summary>
    /// The whole state, now and after each change, until cancelled; a slow consumer sees the latest. The source retries by itself,
    /// keeps the last good state, and throws nothing but cancellation.
    /// </summary>
    IAsyncEnumerable<CredentialUpdate> WatchAsync(CancellationToken cancellationToken);
}
