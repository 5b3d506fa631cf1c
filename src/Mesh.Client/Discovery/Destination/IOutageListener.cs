namespace Mesh.Client.Discovery.Destination;

/// <summary>Told when a watch loses and finds its control plane: each once.</summary>
internal interface IOutageListener
{
    void Lost(string reason);

    void Found();

    /// <summary>It will never answer.</summary>
    void Refused(string reason);
}
