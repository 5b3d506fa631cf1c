using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Mesh.Client.Kubernetes.Setup;

/// <summary>Which addresses this host can call.</summary>
internal static class HostFamilies
{
    /// <summary>The one family that this host has an address of that leads further than its own link; null: both, or neither.</summary>
    public static MeshIPFamily? Only()
    {
        try
        {
            return Only(NetworkInterface.GetAllNetworkInterfaces()
                .Where(network => network.OperationalStatus is OperationalStatus.Up)
                .SelectMany(network => network.GetIPProperties().UnicastAddresses)
                .Select(address => address.Address));
        }
        catch (Exception exception) when (exception is NetworkInformationException or PlatformNotSupportedException)
        {
            // Nothing is preferred then.
            return null;
        }
    }

    public static MeshIPFamily? Only(IEnumerable<IPAddress> addresses)
    {
        bool v4 = false;
        bool v6 = false;
        foreach (IPAddress address in addresses)
        {
            if (!IPAddress.IsLoopback(address) && !address.IsIPv6LinkLocal)
            {
                v4 |= address.AddressFamily is AddressFamily.InterNetwork;
                v6 |= address.AddressFamily is AddressFamily.InterNetworkV6;
            }
        }

        return v4 == v6 ? null : v4 ? MeshIPFamily.IPv4 : MeshIPFamily.IPv6;
    }
}
