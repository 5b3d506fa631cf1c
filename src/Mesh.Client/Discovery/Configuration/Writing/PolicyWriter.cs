using System.Globalization;
using Mesh.Client.Model;
using Mesh.Client.Model.Routes;

namespace Mesh.Client.Discovery.Configuration.Writing;

/// <summary>
/// What of a service's policy a source may say, as the settings that would say it. Of some of it configuration knows no key: it is named
/// as if there were one.
/// </summary>
internal static class PolicyWriter
{
    public static SettingList Write(ServicePolicy policy)
    {
        var all = new SettingList();
        RoutePolicy calls = policy.Routing?.Default ?? new RoutePolicy(RoutingPolicy.DefaultName);
        all.Child("Retry", policy.Retry, WriteRetry);
        all.Child("FailureAccrual", policy.FailureAccrual, WriteFailureAccrual);
        all.Child("LoadBalancing:Ewma", policy.LoadBalancing.Ewma, WriteEwma);
        all.Child("Wait", policy.Wait, static (at, wait) =>
        {
            at.Add(nameof(wait.Capacity), wait.Capacity);
            at.Add(nameof(wait.Timeout), wait.Timeout);
        });
        all.Child("Timeouts", calls.Timeouts, WriteTimeouts);
        all.Child("Hedging", calls.Hedging, static (at, hedging) =>
        {
            at.Add(nameof(hedging.Delay), hedging.Delay);
            at.Add(nameof(hedging.Percentile), hedging.Percentile);
            at.Add(nameof(hedging.MaxAttempts), hedging.MaxAttempts);
        });
        if (policy.Routing is { Routes: { Length: > 0 } routes })
        {
            // Each of them is shown as a route.
            all.Add("Routes", string.Create(CultureInfo.InvariantCulture, $"{routes.Length} of them"));
        }

        return all;
    }

    private static void WriteRetry(SettingList at, RetryPolicy policy)
    {
        at.Add(nameof(policy.MaxRetries), policy.MaxRetries);
        at.Add(nameof(policy.On), string.Join(", ", policy.On));
        at.Add(nameof(policy.Methods), string.Join(", ", policy.Methods));
        at.Add("Budget:Ratio", policy.Budget.Ratio);
        at.Add("Budget:MinPerSecond", policy.Budget.MinPerSecond);
        at.Add("Budget:Window", policy.Budget.Window);
        at.Add(nameof(policy.MinBackoff), policy.MinBackoff);
        at.Add(nameof(policy.MaxBackoff), policy.MaxBackoff);
        at.Add(nameof(policy.MaxRetryAfter), policy.MaxRetryAfter);
        at.Add(nameof(policy.TryTimeout), policy.TryTimeout);
        at.Add(nameof(policy.MaxBodyBytes), policy.MaxBodyBytes);
    }

    private static void WriteFailureAccrual(SettingList at, FailureAccrualPolicy policy)
    {
        bool isOn = policy != FailureAccrualPolicy.Off;
        at.Add("Enabled", isOn);
        if (isOn)
        {
            at.Add(nameof(policy.MaxFailures), policy.MaxFailures);
            at.Add(nameof(policy.MinPenalty), policy.MinPenalty);
            at.Add(nameof(policy.MaxPenalty), policy.MaxPenalty);
            at.Add(nameof(policy.JitterRatio), policy.JitterRatio);
            at.Add("SuccessRate:Threshold", policy.SuccessRate?.Threshold);
            at.Add("SuccessRate:Window", policy.SuccessRate?.Window);
            at.Add("SuccessRate:MinRequests", policy.SuccessRate?.MinRequests);
        }
    }

    private static void WriteEwma(SettingList at, EwmaPolicy policy)
    {
        at.Add(nameof(policy.DefaultRtt), policy.DefaultRtt);
        at.Add(nameof(policy.Decay), policy.Decay);
        at.Add("Penalty:Latency", policy.Penalty?.Latency);
        at.Add("Penalty:MaxRetryAfter", policy.Penalty?.MaxRetryAfter);
    }

    private static void WriteTimeouts(SettingList at, TimeoutPolicy policy)
    {
        at.Add(nameof(policy.Request), policy.Request);
        at.Add(nameof(policy.Attempt), policy.Attempt);
        at.Add(nameof(policy.ResponseHead), policy.ResponseHead);
        at.Add(nameof(policy.Response), policy.Response);
        at.Add(nameof(policy.Idle), policy.Idle);
    }
}
