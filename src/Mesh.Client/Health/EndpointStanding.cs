namespace Mesh.Client.Health;

/// <summary>
/// What one endpoint counts as in its backend's health. Kept apart from its causes, since an endpoint that is both ejected and
/// disconnected is missing only once. Its backend has counted it in.
/// </summary>
internal sealed class EndpointStanding(BackendHealth backend) : IDisposable
{
    /// <summary>Written under the backend's lock, as are the others.</summary>
    internal bool Ejected { get; set; }

    internal bool Disconnected { get; set; }

    internal bool Left { get; set; }

    /// <summary>Counts it as ejected, unless the cap forbids that.</summary>
    public bool TryEject() => backend.TryEject(this);

    public void Readmit() => backend.Readmit(this);

    public void SetDisconnected(bool disconnected) => backend.SetDisconnected(this, disconnected);

    /// <summary>The endpoint leaves its backend; what comes after counts for nothing.</summary>
    public void Dispose() => backend.Leave(this);
}
