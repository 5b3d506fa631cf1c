using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Mesh.Client.Model;

/// <summary>Where an endpoint listens: an IP address or a host name, and a port.</summary>
internal sealed record EndpointAddress
{
    private EndpointAddress(string host, IPAddress? ip, int port)
    {
        Host = host;
        IP = ip;
        Port = port;
        Text = ip?.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{host}]:{port}" : $"{host}:{port}";
    }

    public string Host { get; }

    /// <summary>The address when <see cref="Host"/> is a literal; otherwise null and the host is resolved at each connect.</summary>
    public IPAddress? IP { get; }

    public int Port { get; }

    /// <summary>
    /// <c>ip:port</c>, <c>[ipv6]:port</c> or <c>host:port</c>: also the key that the endpoint hashes by unless told otherwise.
    /// </summary>
    public string Text { get; }

    public static EndpointAddress Create(IPAddress ip, int port) => new(ip.ToString(), ip, port);

    /// <summary>Reads <c>host:port</c>. The port is required, 1 to 65535.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out EndpointAddress? address)
    {
        address = null;
        int colon = text?.LastIndexOf(':') ?? -1;
        if (colon <= 0
            || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            || port is < 1 or > 65535)
        {
            return false;
        }

        string host = text![..colon];
        bool bracketed = host.StartsWith('[') && host.EndsWith(']');
        if (bracketed)
        {
            host = host[1..^1];
        }

        if (IPAddress.TryParse(host, out IPAddress? ip)
            && bracketed == (ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6))
        {
            address = Create(ip, port);
            return true;
        }

        if (bracketed || Uri.CheckHostName(host) is not UriHostNameType.Dns)
        {
            return false;
        }

        string lower = string.Create(host.Length, host, static (span, name) => name.AsSpan().ToLowerInvariant(span));
        address = new EndpointAddress(lower, null, port);
        return true;
    }

    /// <summary>The same host at another port.</summary>
    public EndpointAddress WithPort(int port) => new(Host, IP, port);

    public override string ToString() => Text;
}
