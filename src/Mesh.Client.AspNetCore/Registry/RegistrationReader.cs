using System.Collections.Frozen;
using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Model;
using Mesh.Client.Registry.Protocol;
using Microsoft.Extensions.Options;
using Endpoint = Mesh.Client.Model.Endpoint;
using Wire = Mesh.Client.Registry.Protocol;

namespace Mesh.Client.AspNetCore.Registry;

/// <summary>Reads what an instance says of itself, and refuses what is wrong with it or not the caller's to say.</summary>
internal sealed class RegistrationReader(
    MeshConfiguration configuration, IOptions<MeshRegistryOptions> options, RegistrationRights rights)
{
    /// <param name="wire">As it came.</param>
    /// <param name="from">The caller's own address.</param>
    /// <param name="peer">Who the caller is; null where that is not known.</param>
    /// <exception cref="RpcException">Why it is refused.</exception>
    public RegisteredInstance Read(Registration wire, IPAddress? from, IMeshPeerFeature? peer)
    {
        string service = ReadService(wire.Service);
        if (rights.Problem(service, peer) is { } denied)
        {
            throw Refuse(StatusCode.PermissionDenied, $"registration.service: {denied}");
        }

        RegistrationFields.Check(wire);
        var endpoint = new Endpoint(ReadAddress(wire, from))
        {
            Weight = wire.Weight == 0 ? 1 : (int)wire.Weight,
            Zone = wire.Zone.Length == 0 ? null : wire.Zone,
            HashKey = wire.Instance,
            Transport = ReadTransport(wire, peer),
            Labels = wire.Labels.ToFrozenDictionary(StringComparer.Ordinal),
        };
        return new RegisteredInstance(service, wire.Instance, endpoint, peer?.Identity);
    }

    private string ReadService(string name)
    {
        ServiceNames names = configuration.Names;
        if (name.Length == 0 || ServiceNames.Canonical(name, names.Options) is not { } host)
        {
            throw Refuse(StatusCode.InvalidArgument, $"registration.service: '{RpcReason.Clean(name)}' is no name of a service");
        }

        return names.HasEndpoints(host)
            ? throw Refuse(
                StatusCode.FailedPrecondition,
                $"registration.service: {host} has its endpoints from the control plane's configuration, "
                    + $"{names.Options.SectionPath}:Services")
            : host;
    }

    private EndpointAddress ReadAddress(Registration wire, IPAddress? from)
    {
        if (wire.Port is < 1 or > IPEndPoint.MaxPort)
        {
            throw Refuse(StatusCode.InvalidArgument, $"registration.port: {wire.Port} is not 1 to 65535");
        }

        IPAddress? own = from is { IsIPv4MappedToIPv6: true } ? from.MapToIPv4() : from;
        IPAddress? ip = own;
        if (wire.Host.Length > 0 && !IPAddress.TryParse(wire.Host, out ip))
        {
            throw Refuse(StatusCode.InvalidArgument, $"registration.host: '{RpcReason.Clean(wire.Host)}' is no IP address");
        }

        if (ip?.Equals(IPAddress.Any) == true && own is not null)
        {
            ip = own.AddressFamily is AddressFamily.InterNetwork ? own
                : IPAddress.IsLoopback(own) ? IPAddress.Loopback
                : throw Refuse(
                    StatusCode.InvalidArgument,
                    $"registration.host: the instance listens on IPv4 alone, and calls from {own}; "
                    + "set its Mesh:Server:Address, or let it listen on [::]");
        }

        if (ip is null || ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any) || ip.Equals(IPAddress.Broadcast))
        {
            throw Refuse(StatusCode.InvalidArgument, $"registration.host: '{ip}' is no address that can be called");
        }

        ip = ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip;
        bool isOwn = own is not null && (ip.Equals(own) || (IPAddress.IsLoopback(ip) && IPAddress.IsLoopback(own)));
        return isOwn || options.Value.AllowForeignAddresses
            ? EndpointAddress.Create(ip, (int)wire.Port)
            : throw Refuse(
                StatusCode.PermissionDenied,
                $"registration.host: {ip} is not the caller's address, {own}; "
                + $"{options.Value.SectionPath}:{nameof(MeshRegistryOptions.AllowForeignAddresses)} of the control plane allows that");
    }

    private static EndpointTransport ReadTransport(Registration wire, IMeshPeerFeature? peer)
    {
        bool named = wire.Identity.Length > 0;
        WorkloadIdentity? identity = null;
        if (named && !WorkloadIdentity.TryParse(wire.Identity, out identity))
        {
            throw Refuse(
                StatusCode.InvalidArgument,
                $"registration.identity: '{RpcReason.Clean(wire.Identity)}' is neither a DNS name nor an absolute URI");
        }

        bool secured = wire.Framing is Wire.Framing.MeshTls or Wire.Framing.Https;
        if (named != secured && wire.Framing is not Wire.Framing.Unspecified)
        {
            throw Refuse(
                StatusCode.InvalidArgument,
                named
                    ? "registration.framing: plaintext, but there is an identity"
                    : $"registration.framing: {wire.Framing} needs an identity");
        }

        if (identity is null)
        {
            return EndpointTransport.Plaintext;
        }

        // Without mutual TLS nobody vouches for it; who calls the endpoint verifies it anyway.
        if (peer?.Identity is { } own
            && !peer.Identities.Any(name => WorkloadIdentity.TryParse(name, out WorkloadIdentity? one) && one == identity))
        {
            throw Refuse(StatusCode.PermissionDenied, $"registration.identity: {identity} is not the caller's own, {own}");
        }

        return new EndpointTransport(wire.Framing is Wire.Framing.Https ? Client.Framing.Https : Client.Framing.MeshTls)
        {
            Peer = PeerIdentity.Of(identity),
        };
    }

    private static RpcException Refuse(StatusCode code, string detail) => new(new Status(code, detail));
}
