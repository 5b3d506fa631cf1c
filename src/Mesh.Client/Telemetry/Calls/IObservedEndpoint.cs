using Mesh.Client.Telemetry.Linkerd;

namespace Mesh.Client.Telemetry.Calls;

/// <summary>An endpoint as those see it who watch calls.</summary>
internal interface IObservedEndpoint
{
    /// <summary><c>ip:port</c>.</summary>
    string Name { get; }

    /// <summary>Who it must prove to be; null where it is spoken to in plaintext.</summary>
    string? Identity { get; }

    /// <summary>What is counted of it; null while nobody counts.</summary>
    EndpointTraffic? Traffic { get; }

    /// <summary>The same, made when it is first asked for.</summary>
    EndpointTraffic CountTraffic();

    /// <summary>What its source says of it, as Linkerd's labels tell that; null where those names are not on.</summary>
    LinkerdPeer? Peer { get; }
}
