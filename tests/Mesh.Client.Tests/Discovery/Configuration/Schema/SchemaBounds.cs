using System.Reflection;
using System.Text.Json.Nodes;
using Mesh.Client.AspNetCore;

namespace Mesh.Client.Tests.Discovery.Configuration.Schema;

/// <summary>What the rules say of single values and of what may not be missing, as far as a schema can say it.</summary>
internal static class SchemaBounds
{
    private static readonly Dictionary<string, (double Least, double? Most)> Numbers = new()
    {
        [Key<MeshServiceOptions>(nameof(MeshServiceOptions.Port))] = (1, 65535),
        [Key<MeshServerOptions>(nameof(MeshServerOptions.Weight))] = (1, 1_000_000),
        [Key<MeshBackendOptions>(nameof(MeshBackendOptions.Weight))] = (0, 1_000_000),
        [Key<MeshRedirectOptions>(nameof(MeshRedirectOptions.Port))] = (1, 65535),
        [Key<MeshFaultOptions>(nameof(MeshFaultOptions.MaxActive))] = (1, null),
        [Key<MeshFaultAbortOptions>(nameof(MeshFaultAbortOptions.Status))] = (200, 599),
        [Key<MeshFaultAbortOptions>(nameof(MeshFaultAbortOptions.Ratio))] = (0, 1),
        [Key<MeshFaultDelayOptions>(nameof(MeshFaultDelayOptions.Ratio))] = (0, 1),
        [Key<MeshMirrorOptions>(nameof(MeshMirrorOptions.Ratio))] = (0, 1),
        [Key<MeshMirrorOptions>(nameof(MeshMirrorOptions.MaxBodyBytes))] = (0, 16 * 1024 * 1024),
        [Key<MeshHedgingOptions>(nameof(MeshHedgingOptions.MaxAttempts))] = (1, 5),
        [Key<RetryOptions>(nameof(RetryOptions.MaxRetries))] = (0, 10),
        [Key<RetryBudgetOptions>(nameof(RetryBudgetOptions.Ratio))] = (0, 1000),
        [Key<RetryBudgetOptions>(nameof(RetryBudgetOptions.MinPerSecond))] = (0, null),
        [Key<MeshLimitOptions>(nameof(MeshLimitOptions.MaxRequests))] = (0, null),
        [Key<MeshLimitOptions>(nameof(MeshLimitOptions.MaxWaiting))] = (0, null),
        [Key<MeshLimitOptions>(nameof(MeshLimitOptions.MaxRequestsPerEndpoint))] = (0, null),
        [Key<MeshLimitOptions>(nameof(MeshLimitOptions.MaxConnectionsPerEndpoint))] = (0, null),
        [Key<MeshRateLimitOptions>(nameof(MeshRateLimitOptions.PermitsPerSecond))] = (0, 1_000_000),
        [Key<MeshRateLimitOptions>(nameof(MeshRateLimitOptions.Burst))] = (1, 10_000_000),
        [Key<MeshAdaptiveLimitOptions>(nameof(MeshAdaptiveLimitOptions.MinLimit))] = (1, null),
        [Key<MeshAdaptiveLimitOptions>(nameof(MeshAdaptiveLimitOptions.MaxLimit))] = (0, null),
        [Key<MeshAdaptiveLimitOptions>(nameof(MeshAdaptiveLimitOptions.InitialLimit))] = (1, null),
    };

    public static void Add(PropertyInfo property, JsonObject schema)
    {
        if (Numbers.TryGetValue($"{property.DeclaringType!.Name}.{property.Name}", out (double Least, double? Most) bounds))
        {
            schema["minimum"] = bounds.Least;
            if (bounds.Most is { } most)
            {
                schema["maximum"] = most;
            }
        }
        else if (property.DeclaringType == typeof(MeshRedirectOptions) && property.Name == nameof(MeshRedirectOptions.Status))
        {
            schema.Remove("type");
            schema["enum"] = new JsonArray(301, 302, 303, 307, 308, null);
        }
        else if (property.DeclaringType == typeof(MeshHedgingOptions) && property.Name == nameof(MeshHedgingOptions.Percentile))
        {
            schema["minimum"] = 0;
            schema["exclusiveMaximum"] = 1;
        }
    }

    public static void Add(Type type, JsonObject schema)
    {
        switch (type.Name)
        {
            case nameof(MeshFilterOptions):
                schema["minProperties"] = 1;
                schema["maxProperties"] = 1;
                break;
            case nameof(MeshBackendOptions) or nameof(MeshMirrorOptions):
                schema["required"] = new JsonArray("Service");
                break;
            case nameof(MeshRouteOptions):
                schema["minProperties"] = 1;
                break;
            case nameof(MeshNamedMatchOptions):
                schema["required"] = new JsonArray("Name");
                break;
            case nameof(MeshFaultOptions):
                schema["anyOf"] = OneOrBoth("Abort", "Delay");
                break;
            case nameof(MeshFaultAbortOptions):
                schema["anyOf"] = OneOrBoth("Status", "GrpcStatus");
                break;
            case nameof(MeshFaultDelayOptions):
                schema["anyOf"] = OneOrBoth("Fixed", "Header");
                break;
        }
    }

    private static string Key<T>(string property) => $"{typeof(T).Name}.{property}";

    private static JsonArray OneOrBoth(string one, string other) =>
        new(new JsonObject { ["required"] = new JsonArray(one) }, new JsonObject { ["required"] = new JsonArray(other) });
}
