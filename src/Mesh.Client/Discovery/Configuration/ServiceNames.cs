using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>
/// Options, seen by service: the one canonical name behind every way of writing it, and the sections that apply to it.
/// Immutable; a reload makes a new one.
/// </summary>
internal sealed class ServiceNames
{
    private readonly Dictionary<string, MeshServiceOptions> _sections = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<IPAddress, string> _addresses = [];
    private readonly ConcurrentDictionary<ServiceName, EndpointSet?> _endpoints = new();

    public ServiceNames(MeshClientOptions options)
    {
        Options = options;
        foreach ((string key, MeshServiceOptions? section) in options.Services)
        {
            if (section is not null && Canonical(key, options) is { } host)
            {
                _sections[host] = section;
                _keys[host] = key;
                if (IPAddress.TryParse(section.ClusterIP, out IPAddress? address))
                {
                    _addresses[address] = host;
                }
            }
        }
    }

    public MeshClientOptions Options { get; }

    /// <summary>Whether an address is a service too.</summary>
    public bool AsksForAddresses => Options.Linkerd is { Enabled: true, Addresses: true };

    /// <summary>
    /// The canonical host of a name: one label gets the namespace, two are service and namespace, <c>….svc</c> gets the cluster's
    /// domain, any other stays. <c>_grpc.catalog</c> is an endpoint of <c>catalog</c> by its name, and is a service of its own. Lower
    /// case, without a trailing dot. Null for an address and for what is no legal name.
    /// </summary>
    public static string? Canonical(string host, MeshClientOptions options)
    {
        string text = host.EndsWith('.') ? host[..^1] : host;
        if (EndpointNameLength(text) is > 0 and int length)
        {
            return Canonical(text[length..], options) is { } service && length + service.Length <= 253
                ? text[..length].ToLowerInvariant() + service
                : null;
        }

        if (DnsNames.Problem(text) is not null || DnsNames.IsAddress(text))
        {
            return null;
        }

        string full = text.AsSpan().Count('.') switch
        {
            _ when DnsNames.IsLocalhost(text) => text,
            0 => $"{text}.{options.Namespace}.svc.{options.ClusterDomain}",
            1 => IsUnderDomains(text, options) ? text : $"{text}.svc.{options.ClusterDomain}",
            _ => text.EndsWith(".svc", StringComparison.OrdinalIgnoreCase) ? $"{text}.{options.ClusterDomain}" : text,
        };
        return full.Length > 253 ? null : string.Create(full.Length, full, static (lower, name) => name.AsSpan().ToLowerInvariant(lower));
    }

    /// <summary>
    /// The service that a host and a port name. A port that the service's section refines stays; else the section's port holds;
    /// else the given one.
    /// </summary>
    public bool TryResolve(string host, int port, [NotNullWhen(true)] out ServiceName? name)
    {
        name = null;
        if (AsksForAddresses && IPAddress.TryParse(host, out IPAddress? address))
        {
            name = new ServiceName(address.AddressFamily is AddressFamily.InterNetworkV6 ? $"[{address}]" : $"{address}", port);
            return port is >= 1 and <= 65535 && !IPAddress.IsLoopback(address);
        }

        if (Canonical(host, Options) is not { } canonical)
        {
            return false;
        }

        int effective = _sections.TryGetValue(canonical, out MeshServiceOptions? section) && !section.Ports.ContainsKey(port)
            ? section.Port ?? port
            : port;
        if (effective is < 1 or > 65535)
        {
            return false;
        }

        name = new ServiceName(canonical, effective);
        return true;
    }

    /// <summary>
    /// Whether a host belongs to the mesh by its look alone: configured, one label, below <c>.svc</c> or one of the domains.
    /// An address and <c>localhost</c> do not.
    /// </summary>
    public bool IsMeshName(string host)
    {
        if (Canonical(host, Options) is not { } canonical)
        {
            return false;
        }

        return _sections.ContainsKey(canonical)
            || (!DnsNames.IsLocalhost(canonical)
                && (LooksLikeService(host[EndpointNameLength(host)..].TrimEnd('.')) || IsUnderDomains(canonical, Options)));
    }

    /// <summary>Every service that configuration names, with each port that it names; 80 where it names none.</summary>
    public IEnumerable<ServiceName> Configured()
    {
        foreach ((string host, MeshServiceOptions section) in _sections)
        {
            foreach (int port in section.Ports.Keys)
            {
                yield return new ServiceName(host, port);
            }

            if (section.Port is not null || section.Ports.Count == 0)
            {
                yield return new ServiceName(host, section.Port ?? 80);
            }
        }
    }

    /// <summary>The service whose own address it is; null: nobody's.</summary>
    public ServiceName? ServiceAt(EndpointAddress address) =>
        address.IP is { } ip && _addresses.TryGetValue(ip, out string? host) ? new ServiceName(host, address.Port) : null;

    /// <summary>Whether endpoints of a configured service are written down, be it for one port or by default.</summary>
    public bool HasEndpoints(string host) =>
        _sections.TryGetValue(host, out MeshServiceOptions? section)
        && ((section.Endpoints ?? Options.Defaults.Endpoints) is not null
            || section.Ports.Values.Any(port => port.Endpoints is not null));

    /// <summary>The key of a service's section; its canonical host where it has none.</summary>
    public string KeyOf(string host) => _keys.GetValueOrDefault(host, host);

    /// <summary>The endpoints of a service that are written down; null: none are. The same object each time.</summary>
    public EndpointSet? EndpointsOf(ServiceName service) => _sections.ContainsKey(service.Host)
        ? _endpoints.GetOrAdd(service, static (service, names) => ConfiguredEndpoints.Of(names, service), this)
        : null;

    /// <summary>The sections that apply to a service: those of its own, its port's first, and the defaults.</summary>
    public Layers<MeshServiceOptions> Layers(ServiceName service)
    {
        if (!_sections.TryGetValue(service.Host, out MeshServiceOptions? section))
        {
            return new([], [Options.Defaults]);
        }

        return new(section.Ports.TryGetValue(service.Port, out MeshServiceOptions? port) ? [port, section] : [section], [Options.Defaults]);
    }

    /// <summary>How much of a name is an endpoint's, the dot included: <c>_grpc.</c>; mostly 0.</summary>
    private static int EndpointNameLength(string host) =>
        host.StartsWith('_') && host.IndexOf('.') is > 1 and int dot && DnsNames.Problem(host.AsSpan(1, dot - 1)) is null ? dot + 1 : 0;

    private bool LooksLikeService(string host) =>
        !host.Contains('.')
        || host.EndsWith(".svc", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith($".svc.{Options.ClusterDomain}", StringComparison.OrdinalIgnoreCase);

    private static bool IsUnderDomains(string host, MeshClientOptions options) =>
        options.Domains.Any(domain => DnsNames.IsUnder(host, domain));
}
