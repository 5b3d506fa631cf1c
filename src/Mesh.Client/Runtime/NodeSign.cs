using Mesh.Client.Discovery.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Runtime;

/// <summary>Says once, at the start of a pod, that Linkerd will not be told which node it is on. Elsewhere there is none to tell.</summary>
internal sealed partial class NodeSign(MeshConfiguration configuration, LinkerdEnvironment pod, ILogger<NodeSign> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (pod.IsPod && configuration.Current.Linkerd is { Enabled: true, Node: null })
        {
            LogMissing(LinkerdEnvironment.Node, $"{configuration.Current.SectionPath}:Linkerd:Node");
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(EventId = 1, EventName = "NodeUnknown", Level = LogLevel.Warning,
        Message = "Linkerd is not told which node this pod is on: no zone is preferred, and a service with internalTrafficPolicy: Local "
            + "has no endpoints. Set the environment variable {Variable} from spec.nodeName, or {Key}.")]
    private partial void LogMissing(string variable, string key);
}
