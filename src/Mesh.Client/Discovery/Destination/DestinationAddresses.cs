using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Destination;

/// <summary>Addresses between the model and the wire, where the first octet of an address is the most significant.</summary>
internal static class DestinationAddresses
{
    /// <param name="wire">As it came.</param>
    /// <param name="address">What it says.</param>
    /// <param name="problem">What is wrong with it, to be read after its place: <c>port 70000 is not 1 to 65535</c>.</param>
    public static bool TryRead(
        Protocol.TcpAddress? wire,
        [NotNullWhen(true)] out EndpointAddress? address,
        [NotNullWhen(false)] out string? problem)
    {
        address = null;
        problem = null;
        if (wire is null)
        {
            problem = "it is missing";
        }
        else if (wire.Ip is null || wire.Ip.IpCase is Protocol.IPAddress.IpOneofCase.None)
        {
            problem = "ip is missing";
        }
        else if (wire.Port is < 1 or > IPEndPoint.MaxPort)
        {
            problem = $"port {wire.Port} is not 1 to 65535";
        }
        else
        {
            address = EndpointAddress.Create(ReadIP(wire.Ip), (int)wire.Port);
        }

        return address is not null;
    }

    /// <summary>False for a host name: the wire has IP addresses only. An IPv6 scope is left out.</summary>
    public static bool TryWrite(EndpointAddress address, [NotNullWhen(true)] out Protocol.TcpAddress? wire)
    {
        wire = address.IP is { } ip ? new Protocol.TcpAddress { Ip = WriteIP(ip), Port = (uint)address.Port } : null;
        return wire is not null;
    }

    private static IPAddress ReadIP(Protocol.IPAddress wire)
    {
        Span<byte> octets = stackalloc byte[16];
        if (wire.IpCase is Protocol.IPAddress.IpOneofCase.Ipv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(octets, wire.Ipv4);
            return new IPAddress(octets[..4]);
        }

        BinaryPrimitives.WriteUInt64BigEndian(octets, wire.Ipv6.First);
        BinaryPrimitives.WriteUInt64BigEndian(octets[8..], wire.Ipv6.Last);
        return new IPAddress(octets);
    }

    private static Protocol.IPAddress WriteIP(IPAddress ip)
    {
        Span<byte> octets = stackalloc byte[16];
        ip.TryWriteBytes(octets, out _);
        if (ip.AddressFamily is AddressFamily.InterNetwork)
        {
            return new Protocol.IPAddress { Ipv4 = BinaryPrimitives.ReadUInt32BigEndian(octets) };
        }

        return new Protocol.IPAddress
        {
            Ipv6 = new Protocol.IPv6
            {
                First = BinaryPrimitives.ReadUInt64BigEndian(octets),
                Last = BinaryPrimitives.ReadUInt64BigEndian(octets[8..]),
            },
        };
    }
}
