using Mesh.Client.Resilience;

namespace Mesh.Client.Runtime;

/// <summary>What stands over its service's settings for one call. Apart from its history, since few calls have any.</summary>
internal sealed class CallOverrides
{
    public RetryPipeline? Retry { get; set; }

    public RequestDemands? Demands { get; set; }
}
