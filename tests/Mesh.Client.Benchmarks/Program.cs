using System.Globalization;
using Mesh.Client;
using Mesh.Client.Benchmarks;

// dotnet run -c Release --project tests/Mesh.Client.Benchmarks [-- churn | features | nothing | telemetry | kubernetes-fanout]
if (args is ["churn"])
{
    Array.ForEach(
        [
            LoadBalancingPolicyName.PeakEwma, LoadBalancingPolicyName.RoundRobin, LoadBalancingPolicyName.Random,
            LoadBalancingPolicyName.LeastRequest, LoadBalancingPolicyName.Maglev, LoadBalancingPolicyName.RingHash,
        ],
        Churn.Run);
    return;
}

if (args is ["features"])
{
    Features.Run();
    return;
}

if (args is ["nothing"])
{
    Features.RunNothing();
    return;
}

if (args is ["telemetry"])
{
    Telemetry.Run();
    return;
}

if (args is ["kubernetes-fanout"])
{
    await KubernetesFanOut.RunAsync();
    return;
}

// Started by the one before.
if (args is ["kubernetes-fanout-clients", var address, var count])
{
    await FanOutClients.RunAsync(address, int.Parse(count, CultureInfo.InvariantCulture));
    return;
}

FirstAttempt.Run();
Picks.Run(3);
Picks.Run(100);
Picks.Run(1000);
