using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Configuration.Writing;

/// <summary>Writes the settings of a service, of one of its ports, or of all services.</summary>
internal static class ServiceWriter
{
    private static readonly MeshEndpointOptions Endpoint = new();
    private static readonly HashOnOptions HashOn = new();

    public static void Write(SettingList at, MeshServiceOptions options)
    {
        at.Add(nameof(options.Port), options.Port);
        at.Entries(nameof(options.Ports), options.Ports, Write);
        at.Add(nameof(options.ClusterIP), options.ClusterIP);
        at.Counted(nameof(options.Endpoints), options.Endpoints, WriteEndpoint);
        at.Child(nameof(options.LoadBalancing), options.LoadBalancing, WriteLoadBalancing);
        at.Child(nameof(options.FailureAccrual), options.FailureAccrual, WriteFailureAccrual);
        at.Child(nameof(options.Retry), options.Retry, Write);
        at.Child(nameof(options.Limits), options.Limits, WriteLimits);
        at.List(nameof(options.Routes), options.Routes, RouteWriter.Write);
        at.List(nameof(options.Filters), options.Filters, FilterWriter.Write);
        at.Child(nameof(options.Timeouts), options.Timeouts, Write);
        at.Child(nameof(options.Hedging), options.Hedging, Write);
        at.Add(nameof(options.WarmConnections), options.WarmConnections);
    }

    public static void Write(SettingList at, RetryOptions options)
    {
        at.Add(nameof(options.MaxRetries), options.MaxRetries);
        at.Texts(nameof(options.On), options.On);
        at.Texts(nameof(options.Methods), options.Methods);
        at.Child(nameof(options.Budget), options.Budget, static (at, budget) =>
        {
            at.Add(nameof(budget.Ratio), budget.Ratio);
            at.Add(nameof(budget.MinPerSecond), budget.MinPerSecond);
            at.Add(nameof(budget.Window), budget.Window);
        });
        at.Add(nameof(options.MinBackoff), options.MinBackoff);
        at.Add(nameof(options.MaxBackoff), options.MaxBackoff);
        at.Add(nameof(options.MaxRetryAfter), options.MaxRetryAfter);
    }

    public static void Write(SettingList at, MeshTimeoutOptions options)
    {
        at.Add(nameof(options.Request), options.Request);
        at.Add(nameof(options.Attempt), options.Attempt);
        at.Add(nameof(options.ResponseHead), options.ResponseHead);
        at.Add(nameof(options.Response), options.Response);
        at.Add(nameof(options.Idle), options.Idle);
        at.Add(nameof(options.Header), options.Header);
    }

    public static void Write(SettingList at, MeshHedgingOptions options)
    {
        at.Add(nameof(options.Delay), options.Delay);
        at.Add(nameof(options.Percentile), options.Percentile);
        at.Add(nameof(options.MaxAttempts), options.MaxAttempts);
    }

    private static void WriteEndpoint(SettingList at, MeshEndpointOptions options)
    {
        at.Add(nameof(options.Address), options.Address);
        at.Add(nameof(options.Weight), options.Weight, Endpoint.Weight);
        at.Add(nameof(options.Priority), options.Priority, Endpoint.Priority);
        at.Add(nameof(options.Zone), options.Zone);
        at.Add(nameof(options.HashKey), options.HashKey);
        at.Add(nameof(options.Identity), options.Identity);
        at.Add(nameof(options.ServerName), options.ServerName);
        at.Add(nameof(options.Framing), options.Framing);
        at.Add(nameof(options.InboundPort), options.InboundPort);
        at.Texts(nameof(options.Labels), options.Labels);
    }

    private static void WriteLoadBalancing(SettingList at, LoadBalancingOptions options)
    {
        at.Add(nameof(options.Policy), options.Policy);
        at.Add(nameof(options.TableSize), options.TableSize);
        at.Add(nameof(options.MinRingSize), options.MinRingSize);
        at.Add(nameof(options.MaxRingSize), options.MaxRingSize);
        at.Add(nameof(options.HashFunction), options.HashFunction);
        at.Add(nameof(options.BoundedLoad), options.BoundedLoad);
        at.Add(nameof(options.ChoiceCount), options.ChoiceCount);
        at.Add(nameof(options.ScanAll), options.ScanAll);
        if (options.EndpointKey?.Key is { } key)
        {
            bool isLabel = key.Kind is EndpointKeyKind.Label;
            at.Add(nameof(options.EndpointKey) + (isLabel ? ":Label" : ""), isLabel ? key.Label : key.Kind);
        }

        at.List(nameof(options.HashOn), options.HashOn, static (at, on) =>
        {
            at.Add(nameof(on.Header), on.Header);
            at.Add(nameof(on.Cookie), on.Cookie);
            at.Add(nameof(on.Query), on.Query);
            at.Add(nameof(on.Path), on.Path, HashOn.Path);
            at.Add(nameof(on.Terminal), on.Terminal, HashOn.Terminal);
        });
    }

    private static void WriteFailureAccrual(SettingList at, FailureAccrualOptions options)
    {
        at.Add(nameof(options.Enabled), options.Enabled);
        at.Add(nameof(options.MaxFailures), options.MaxFailures);
        at.Add(nameof(options.MinPenalty), options.MinPenalty);
        at.Add(nameof(options.MaxPenalty), options.MaxPenalty);
        at.Add(nameof(options.JitterRatio), options.JitterRatio);
    }

    private static void WriteLimits(SettingList at, MeshLimitOptions options)
    {
        at.Add(nameof(options.MaxRequests), options.MaxRequests);
        at.Add(nameof(options.MaxWaiting), options.MaxWaiting);
        at.Add(nameof(options.MaxRequestsPerEndpoint), options.MaxRequestsPerEndpoint);
        at.Add(nameof(options.MaxConnectionsPerEndpoint), options.MaxConnectionsPerEndpoint);
        at.Child(nameof(options.Rate), options.Rate, static (at, rate) =>
        {
            at.Add(nameof(rate.PermitsPerSecond), rate.PermitsPerSecond);
            at.Add(nameof(rate.Burst), rate.Burst);
        });
        at.Child(nameof(options.Adaptive), options.Adaptive, static (at, adaptive) =>
        {
            at.Add(nameof(adaptive.MinLimit), adaptive.MinLimit);
            at.Add(nameof(adaptive.MaxLimit), adaptive.MaxLimit);
            at.Add(nameof(adaptive.InitialLimit), adaptive.InitialLimit);
        });
    }
}
