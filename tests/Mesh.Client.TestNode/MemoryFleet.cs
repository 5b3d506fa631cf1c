using System.Globalization;

namespace Mesh.Client.TestNode;

/// <summary>The services that memory is measured for, as the node and the test know them.</summary>
internal static class MemoryFleet
{
    public const int Services = 1_000;
    public const int Endpoints = 10;

    public static string Host(int service) => string.Create(CultureInfo.InvariantCulture, $"service-{service}");

    public static string Address(int service, int endpoint) =>
        string.Create(CultureInfo.InvariantCulture, $"10.{service / 250}.{service % 250}.{endpoint + 1}:8080");
}
