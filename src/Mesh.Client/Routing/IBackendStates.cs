namespace Mesh.Client.Routing;

/// <summary>What a distribution may ask of its backends.</summary>
internal interface IBackendStates
{
    /// <summary>Whether it has an endpoint that can be picked.</summary>
    bool IsAvailable(int index);
}
