namespace Mesh.Client.Kubernetes.Api;

/// <summary>How long what may take. A connection that died without a word is found within 30 s, whatever HTTP it speaks.</summary>
internal sealed record ApiTimeouts
{
    /// <summary>A connection, its TLS included.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The head of an answer, and each wait for more of a list.</summary>
    public TimeSpan Answer { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>An HTTP/2 connection that is silent for so long is pinged.</summary>
    public TimeSpan PingDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>One that does not answer the ping for so long is closed.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The least and most that a watch over HTTP/2 lasts: those of many clients are spread.</summary>
    public (TimeSpan Least, TimeSpan Most) Watch { get; init; } = (TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10));

    /// <summary>
    /// The same over HTTP/1.1, which has no pings, and whose bookmarks are a minute apart: the server is asked to end the watch, and
    /// one that is silent for longer than <see cref="Silence"/> has died.
    /// </summary>
    public (TimeSpan Least, TimeSpan Most) ShortWatch { get; init; } = (TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(25));

    /// <summary>See <see cref="ShortWatch"/>.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>So much longer than it was asked to last may a watch over HTTP/2 be silent.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// So long a watch over HTTP/2 that has had a bookmark may have none: they are a minute apart. A proxy may answer pings and have
    /// lost the way behind it.
    /// </summary>
    public (TimeSpan Least, TimeSpan Most) Bookmarks { get; init; } = (TimeSpan.FromMinutes(2.5), TimeSpan.FromMinutes(3));
}
