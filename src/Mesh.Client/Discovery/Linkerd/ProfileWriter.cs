using Google.Protobuf.WellKnownTypes;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>
/// Writes a service's profile: its name and the budget of its retries. Routes are not written: with them a profile would take the place
/// of the outbound policy, which says more.
/// </summary>
internal static class ProfileWriter
{
    /// <param name="budget">Of the service, or Linkerd's default, which is ours.</param>
    /// <param name="service">Null: what is asked for is no service.</param>
    public static DestinationProfile Write(RetryBudgetPolicy budget, ServiceName? service) => new()
    {
        FullyQualifiedName = service?.Host ?? "",
        ParentRef = service is null ? null : WireMetadata.Of(service),
        RetryBudget = new()
        {
            RetryRatio = (float)budget.Ratio,
            MinRetriesPerSecond = (uint)budget.MinPerSecond,
            Ttl = Duration.FromTimeSpan(budget.Window),
        },
    };
}
