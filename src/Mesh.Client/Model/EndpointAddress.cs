using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Mesh.Client.Model;

/// <summary>Where an endpoint listens: an IP address or a host name, and a port.</summary>
internal sealed record EndpointAddress
{
    private EndpointAddress(string text, int port, bool isIP)
    {
        Text = text;
        Port = port;
        IsIP = isIP;
    }

    public string Host => Name.ToString();

    /// <summary>Whether <see cref="Host"/> is a literal.</summary>
    public bool IsIP { get; }

    /// <summary>The address when <see cref="Host"/> is a literal; otherwise null and the host is resolved at each connect.</summary>
    public IPAddress? IP => IsIP ? IPAddress.Parse(Name) : null;

    public int Port { get; }

    /// <summary>
    /// <c>ip:port</c>, <c>[ipv6]:port</c> or <c>host:port</c>: also the key that the endpoint hashes by unless told otherwise.
    /// </summary>
    public string Text { get; }

    public static EndpointAddress Create(IPAddress ip, int port) => new(Write(ip, port), port, isIP: true);

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
        address = new EndpointAddress($"{lower}:{port}", port, isIP: false);
        return true;
    }

    /// <summary>The same host at another port.</summary>
    public EndpointAddress WithPort(int port) => IP is { } ip ? Create(ip, port) : new($"{Host}:{port}", port, isIP: false);

    // The text says it all.
    public bool Equals(EndpointAddress? other) => ReferenceEquals(this, other) || (other is not null && Text == other.Text);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;

    // Kept as one text: of thousands of endpoints few are ever dialled.
    private ReadOnlySpan<char> Name
    {
        get
        {
            ReadOnlySpan<char> host = Text.AsSpan(0, Text.LastIndexOf(':'));
            return host[0] == '[' ? host[1..^1] : host;
        }
    }

    private static string Write(IPAddress ip, int port) =>
        ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{ip}]:{port}" : $"{ip}:{port}";
}
