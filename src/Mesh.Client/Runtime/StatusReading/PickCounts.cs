using Mesh.Client.Telemetry;
using Mesh.Client.Telemetry.Calls;

namespace Mesh.Client.Runtime.StatusReading;

/// <summary>Attempts by the reason of their picks, those that there were.</summary>
internal static class PickCounts
{
    private static readonly PickReason[] Reasons = Enum.GetValues<PickReason>();

    public static Dictionary<string, long> Of(EndpointTraffic? traffic)
    {
        var counts = new Dictionary<string, long>();
        foreach (PickReason reason in Reasons)
        {
            if (traffic?.Picks(reason) is > 0 and long picks)
            {
                counts[MetricNames.Of(reason)] = picks;
            }
        }

        return counts;
    }
}
