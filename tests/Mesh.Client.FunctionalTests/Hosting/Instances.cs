using Mesh.Client.Model;

namespace Mesh.Client.FunctionalTests.Hosting;

/// <summary>What a source says of a service's instances.</summary>
internal static class Instances
{
    /// <summary>They are at these addresses, <c>127.0.0.1:port</c> each.</summary>
    public static EndpointSet Known(params IEnumerable<string> addresses) => EndpointSet.Known(
    [
        .. addresses.Select(address => new Endpoint(EndpointAddress.TryParse(address, out EndpointAddress? parsed)
            ? parsed
            : throw new ArgumentException(address))),
    ]);
}
