namespace Mesh.Client.Telemetry.Calls;

/// <summary>An endpoint as those see it who watch calls.</summary>
internal interface IObservedEndpoint
{
    /// <summary><c>ip:port</c>.</summary>
    string Name { get; }

    /// <summary>What is counted of it; null while nobody counts.</summary>
    EndpointTraffic? Traffic { get; }

    /// <summary>The same, made when it is first asked for.</summary>
    EndpointTraffic CountTraffic();
}
