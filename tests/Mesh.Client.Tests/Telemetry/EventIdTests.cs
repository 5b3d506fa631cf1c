using System.Reflection;
using Mesh.Client.AspNetCore;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Telemetry;

/// <summary>Every message has an id of its own within its category.</summary>
public sealed class EventIdTests
{
    // Who logs under another's category than its own.
    private static readonly Dictionary<string, string> Categories = new(StringComparer.Ordinal)
    {
        ["BalancerFaults"] = "ServiceRuntime",
        ["EndpointLog"] = "EndpointRuntime",
        ["RegistryLog"] = "RegistryService",
        ["ServiceWatcher"] = "ServiceRuntime",
        ["WatcherLog"] = "ServiceWatcher",
    };

    [Fact]
    public void Messages_HaveAnIdOfTheirOwn()
    {
        (string Category, int Id, string Method)[] messages = [.. Messages()];

        Assert.True(messages.Length > 50, $"Only {messages.Length} were found.");
        Assert.DoesNotContain(messages, message => message.Id <= 0);
        Assert.Empty(messages.GroupBy(message => (message.Category, message.Id)).Where(same => same.Count() > 1)
            .Select(same => $"{same.Key}: {string.Join(", ", same.Select(message => message.Method))}"));
    }

    private static IEnumerable<(string Category, int Id, string Method)> Messages() =>
        from assembly in new[] { typeof(MeshClientOptions).Assembly, typeof(MeshServerOptions).Assembly }
        from type in assembly.GetTypes()
        from method in type.GetMethods(
            BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        let message = method.GetCustomAttribute<LoggerMessageAttribute>()
        where message is not null
        select (Category(type), message.EventId, $"{type.FullName}.{method.Name}");

    private static string Category(Type type)
    {
        while (type.DeclaringType is { } outer)
        {
            type = outer;
        }

        return Categories.TryGetValue(type.Name, out string? category) ? category : type.FullName!;
    }
}
