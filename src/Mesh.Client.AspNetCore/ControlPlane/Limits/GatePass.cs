namespace Mesh.Client.AspNetCore.ControlPlane.Limits;

/// <summary>One request that was let in, until it ends.</summary>
internal sealed class GatePass(ControlPlaneLoad load, string client, AskedFor what, long part) : IDisposable
{
    private int _isOpen;

    /// <summary>It has said its first word.</summary>
    public void Opened()
    {
        if (what is not AskedFor.Certificate && Interlocked.Exchange(ref _isOpen, 1) == 0)
        {
            load.Opened(part);
        }
    }

    public void Dispose()
    {
        Opened();
        load.Ended(client, what);
    }
}
