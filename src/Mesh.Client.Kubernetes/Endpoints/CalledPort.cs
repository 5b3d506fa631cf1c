using System.Globalization;
using k8s.Models;

namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>The port of a Service that is called, and how its slices' ports are found by it.</summary>
/// <param name="Name">As Service and slices name it; null: the slices' ports go by number.</param>
/// <param name="Number">What was called.</param>
/// <param name="AppProtocol">As the Service says.</param>
internal sealed record CalledPort(string? Name, int Number, string? AppProtocol = null)
{
    private const string Headless = "None";

    /// <summary>The Service has no ports at all, nor have its slices: every port is the endpoint's own.</summary>
    public bool IsAny { get; private init; }

    /// <summary>The called port of a Service; null: it has none of that number or name.</summary>
    public static CalledPort? Of(V1Service service, ServiceTarget target, int number)
    {
        IList<V1ServicePort> ports = service.Spec?.Ports ?? [];
        foreach (V1ServicePort port in ports)
        {
            if (IsTcp(port.Protocol) && (target.PortName is { } name ? port.Name == name : port.Port == number))
            {
                return new CalledPort(port.Name ?? "", port.Port, port.AppProtocol);
            }
        }

        // DNS gives a headless Service's callers its endpoints' addresses: they call the endpoints' own ports.
        bool isHeadless = service.Spec?.ClusterIP == Headless && target.PortName is null;
        return isHeadless ? new CalledPort(null, number) { IsAny = ports.Count == 0 } : null;
    }

    /// <summary>Where a slice's endpoints listen; null: they have no such port.</summary>
    public int? In(V1EndpointSlice slice, out string? appProtocol)
    {
        appProtocol = AppProtocol;
        if (IsAny && slice.Ports is not { Count: > 0 })
        {
            return Number;
        }

        foreach (Discoveryv1EndpointPort port in slice.Ports ?? [])
        {
            if (IsTcp(port.Protocol)
                && port.Port is >= 1 and <= 65535 and int number
                && (Name is null ? number == Number : (port.Name ?? "") == Name))
            {
                appProtocol ??= port.AppProtocol;
                return number;
            }
        }

        return null;
    }

    /// <summary>A Service's ports, for problems: <c>80 (http), 9090 (grpc)</c>.</summary>
    public static string Describe(V1Service service)
    {
        string[] ports = [.. (service.Spec?.Ports ?? []).Where(port => IsTcp(port.Protocol)).Select(Text)];
        return ports.Length == 0 ? "none" : string.Join(", ", ports);
    }

    private static string Text(V1ServicePort port)
    {
        string number = port.Port.ToString(CultureInfo.InvariantCulture);
        return string.IsNullOrEmpty(port.Name) ? number : $"{number} ({port.Name})";
    }

    private static bool IsTcp(string? protocol) => string.IsNullOrEmpty(protocol) || protocol == "TCP";
}
