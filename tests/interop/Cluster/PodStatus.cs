using k8s.Models;

namespace Mesh.Client.InteropTests.Cluster;

/// <summary>What kubelet says of a pod.</summary>
internal static class PodStatus
{
    public static object Of(V1Container container, string phase, bool isReady, string address, DateTime started)
    {
        string since = started.ToString("yyyy-MM-ddTHH:mm:ssZ", null);
        string now = TimeProvider.System.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", null);
        object Condition(string type, bool holds) => new { type, status = holds ? "True" : "False", lastTransitionTime = now };
        bool isRunning = phase == "Running";
        return new
        {
            status = new
            {
                phase,
                startTime = since,
                podIP = address,
                podIPs = new[] { new { ip = address } },
                conditions = new[]
                {
                    Condition("PodScheduled", true),
                    Condition("Initialized", true),
                    Condition("ContainersReady", isReady),
                    Condition("Ready", isReady),
                },
                containerStatuses = new[]
                {
                    new
                    {
                        name = container.Name,
                        image = container.Image,
                        imageID = container.Image,
                        ready = isReady,
                        started = isRunning,
                        restartCount = 0,
                        state = isRunning
                            ? new { running = new { startedAt = since } }
                            : (object)new { terminated = new { exitCode = 137, reason = "Error", startedAt = since, finishedAt = now } },
                    },
                },
            },
        };
    }
}
