namespace Mesh.Client.Runtime;

/// <summary>What stands over its service's settings for one call. Apart from its history, since few calls have any.</summary>
internal sealed class CallOverrides
{
    public ServiceSnapshot? Own { get; set; }

    public RequestDemands? Demands { get; set; }
}
