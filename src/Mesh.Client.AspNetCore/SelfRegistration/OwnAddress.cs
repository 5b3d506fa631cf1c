using System.Net;
using Mesh.Client.Model;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.AspNetCore.SelfRegistration;

/// <summary>Where this server is called.</summary>
/// <param name="Host">
/// An IP address; empty for the one that the control plane is reached from, and <c>0.0.0.0</c> where that has to be IPv4.
/// </param>
/// <param name="IsHttps">Kestrel's own TLS, with ALPN.</param>
internal sealed record OwnAddress(string Host, int Port, bool IsHttps)
{
    /// <summary>
    /// What the options say, or the best of what the server listens on: http before https, and for a control plane elsewhere none that
    /// only this machine can reach. Null where there is none.
    /// </summary>
    public static OwnAddress? Find(string? given, IEnumerable<string> bound, Uri controlPlane)
    {
        List<OwnAddress> own = [.. bound.Select(TryRead).OfType<OwnAddress>().OrderBy(address => address.IsHttps)];
        if (EndpointAddress.TryParse(given, out EndpointAddress? address))
        {
            // Which of several it stands for nobody knows; it is spoken to as the first.
            bool isHttps = own.Find(one => one.Port == address.Port)?.IsHttps ?? own is [{ IsHttps: true }, ..];
            return new OwnAddress(address.Host, address.Port, isHttps);
        }

        return own.Find(one => controlPlane.IsLoopback || !one.IsLoopback) ?? own.FirstOrDefault();
    }

    private bool IsLoopback => IPAddress.TryParse(Host, out IPAddress? ip) && IPAddress.IsLoopback(ip);

    private static OwnAddress? TryRead(string bound)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(bound);
        }
        catch (FormatException)
        {
            return null;
        }

        if (address.IsUnixPipe || address.IsNamedPipe || address.Port is < 1 or > IPEndPoint.MaxPort)
        {
            return null;
        }

        bool isIP = IPAddress.TryParse(address.Host, out IPAddress? ip);

        // Who listens on [::] listens on 0.0.0.0 as well, not the other way round.
        string host = isIP && !ip!.Equals(IPAddress.IPv6Any) ? ip.ToString()
            : address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback.ToString()
            : "";
        return new OwnAddress(host, address.Port, address.Scheme.Equals("https", StringComparison.OrdinalIgnoreCase));
    }
}
