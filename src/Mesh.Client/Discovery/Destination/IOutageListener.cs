namespace Mesh.Client.Discovery.Destination;

/// <summary>Told when a watch loses and finds its control plane: each once.</summary>
internal interface IOutageListener
{
    void Lost(string reason);

    void Found();

    /// <summary>It knows no such service, and says so with a status that is for good as a rule.</summary>
    void Refused(string reason);
}
