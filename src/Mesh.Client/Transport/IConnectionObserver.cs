using System.Diagnostics.CodeAnalysis;
using Mesh.Client.Telemetry.Linkerd;

namespace Mesh.Client.Transport;

/// <summary>Hears how connections to one endpoint fare.</summary>
internal interface IConnectionObserver : ITlsOwner
{
    /// <summary>A connection that was made ahead; null when there is none.</summary>
    Stream? TakeWarm();

    /// <param name="validUntil">When the certificate of one side ends; null without TLS.</param>
    void Connected(DateTimeOffset? validUntil);

    void ConnectFailed(string error);

    /// <summary>Counts a connection in, to be counted out by <see cref="Closed"/>. False: it would be one more than the limit.</summary>
    /// <param name="isAhead">Whether it is made ahead of the request that needs it: none is kept from its own by that.</param>
    /// <param name="limit">How many there may be.</param>
    bool TryOpen(bool isAhead, out int limit);

    /// <summary>Counts what goes over a connection that was counted in; null where nobody asks.</summary>
    ConnectionTraffic? Traffic();

    /// <summary>A connection that was counted in is there no longer, or was not made.</summary>
    void Closed();

    /// <summary>True while the endpoint is known to be out of reach: no further connection is tried by requests.</summary>
    bool TryFailFast([NotNullWhen(true)] out string? error);
}
