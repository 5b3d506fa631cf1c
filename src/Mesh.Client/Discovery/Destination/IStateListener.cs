using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Destination;

/// <summary>Given each state that a watch comes to.</summary>
internal interface IStateListener
{
    void Write(EndpointSet state);
}
