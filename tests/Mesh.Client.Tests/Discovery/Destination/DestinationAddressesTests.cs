using System.Net;
using CsCheck;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Model;
using Wire = Mesh.Client.Discovery.Destination.Protocol;

namespace Mesh.Client.Tests.Discovery.Destination;

public class DestinationAddressesTests
{
    [Fact]
    public void TryWrite_IPv4_FirstOctetIsMostSignificant()
    {
        Assert.True(DestinationAddresses.TryWrite(EndpointAddress.Create(IPAddress.Parse("1.2.3.4"), 80), out Wire.TcpAddress? wire));

        Assert.Equal(0x01020304u, wire.Ip.Ipv4);
        Assert.Equal(80u, wire.Port);
    }

    [Fact]
    public void TryWrite_IPv6_HextetsInTwoHalves()
    {
        Assert.True(DestinationAddresses.TryWrite(EndpointAddress.Create(IPAddress.Parse("2001:db8::7:1"), 80), out Wire.TcpAddress? wire));

        Assert.Equal(0x20010db800000000u, wire.Ip.Ipv6.First);
        Assert.Equal(0x0000000000070001u, wire.Ip.Ipv6.Last);
    }

    [Fact]
    public void TryWrite_HostName_IsFalse()
    {
        Assert.True(EndpointAddress.TryParse("catalog-1.internal:80", out EndpointAddress? address));

        Assert.False(DestinationAddresses.TryWrite(address, out _));
    }

    [Fact]
    public void TryRead_WhatWasWritten_IsTheSame() =>
        Gen.Select(Gen.Byte.Array[4], Gen.Byte.Array[16], Gen.Bool, Gen.Int[1, 65535]).Sample((four, sixteen, isFour, port) =>
        {
            EndpointAddress address = EndpointAddress.Create(new IPAddress(isFour ? four : sixteen), port);

            return DestinationAddresses.TryWrite(address, out Wire.TcpAddress? wire)
                && DestinationAddresses.TryRead(wire, out EndpointAddress? read, out _)
                && read == address;
        });

    [Theory]
    [InlineData(0u, "port 0 is not 1 to 65535")]
    [InlineData(70000u, "port 70000 is not 1 to 65535")]
    [InlineData(uint.MaxValue, "port 4294967295 is not 1 to 65535")]
    public void TryRead_BadPort_SaysSo(uint port, string expected)
    {
        var wire = new Wire.TcpAddress { Ip = new Wire.IPAddress { Ipv4 = 1 }, Port = port };

        Assert.False(DestinationAddresses.TryRead(wire, out _, out string? problem));
        Assert.Equal(expected, problem);
    }

    [Fact]
    public void TryRead_NoIP_SaysSo()
    {
        Assert.False(DestinationAddresses.TryRead(new Wire.TcpAddress { Port = 80 }, out _, out string? without));
        Assert.False(DestinationAddresses.TryRead(new Wire.TcpAddress { Port = 80, Ip = new() }, out _, out string? empty));
        Assert.False(DestinationAddresses.TryRead(null, out _, out string? missing));

        Assert.Equal(("ip is missing", "ip is missing", "it is missing"), (without, empty, missing));
    }
}
