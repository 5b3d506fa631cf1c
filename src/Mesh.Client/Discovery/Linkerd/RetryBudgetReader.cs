using Mesh.Client.Model;
using WireBudget = Mesh.Client.Discovery.Destination.Protocol.RetryBudget;

namespace Mesh.Client.Discovery.Linkerd;

/// <summary>What a profile's traffic earns of retries.</summary>
internal static class RetryBudgetReader
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWindow = TimeSpan.FromSeconds(60);

    /// <summary>Null: nothing, as Linkerd's proxy has it, also where what is said makes no sense.</summary>
    public static RetryBudgetPolicy? Read(WireBudget? wire, PolicyScope scope)
    {
        if (wire is null)
        {
            return null;
        }

        double ratio = WireBackoff.Widen(wire.RetryRatio);
        if (!(ratio is >= 0 and <= 1000))
        {
            scope.Report("profile.retry_budget.retry_ratio: it is not 0 to 1000; nothing is retried");
            return null;
        }

        if (wire.Ttl is null || !WireDurations.TryRead(wire.Ttl, out TimeSpan window) || window < Shortest || window > LongestWindow)
        {
            scope.Report("profile.retry_budget.ttl: it is not 1 s to 60 s; nothing is retried");
            return null;
        }

        var read = new RetryBudgetPolicy
        {
            Ratio = ratio,
            MinPerSecond = (int)Math.Min(wire.MinRetriesPerSecond, int.MaxValue),
            Window = window,
        };
        return read == RetryBudgetPolicy.Default ? RetryBudgetPolicy.Default : read;
    }
}
