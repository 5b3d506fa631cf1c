using System.Diagnostics.CodeAnalysis;

namespace Mesh.Client.Transport;

/// <summary>Hears how connections to one endpoint fare.</summary>
internal interface IConnectionObserver
{
    void Connected();

    void ConnectFailed(string error);

    /// <summary>True while the endpoint is known to be out of reach: no further connection is tried by requests.</summary>
    bool TryFailFast([NotNullWhen(true)] out string? error);
}
