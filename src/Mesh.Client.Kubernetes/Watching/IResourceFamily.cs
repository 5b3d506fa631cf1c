namespace Mesh.Client.Kubernetes.Watching;

/// <summary>The queries of one kind in one namespace.</summary>
internal interface IResourceFamily
{
    /// <summary>Ends all its watches.</summary>
    Task StopAsync();
}
