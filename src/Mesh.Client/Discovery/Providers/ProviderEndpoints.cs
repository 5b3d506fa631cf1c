using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Model;
using Microsoft.Extensions.ServiceDiscovery;

namespace Mesh.Client.Discovery.Providers;

/// <summary>
/// Reads what providers gave. Of several with one address the first holds; what is of no use is left out and reported.
/// </summary>
internal sealed class ProviderEndpoints(ServiceName service, Action<BadInput> report)
{
    private readonly ImmutableArray<Endpoint>.Builder _endpoints = ImmutableArray.CreateBuilder<Endpoint>();
    private readonly HashSet<EndpointAddress> _seen = [];

    public bool IsEmpty => _endpoints.Count == 0;

    public ImmutableArray<Endpoint> ToImmutable() => _endpoints.ToImmutable();

    public void Add(ServiceEndpoint? given)
    {
        if (ReadAddress(given?.EndPoint) is not { } address)
        {
            return;
        }

        MeshEndpointOptions? options = given!.Features.Get<MeshEndpointOptions>();
        bool https = given.EndPoint is UriEndPoint { Uri.Scheme: var scheme }
            ? scheme == Uri.UriSchemeHttps
            : QueryForms.PrefersHttps(service);
        if (ProblemOf(options, https) is { } problem)
        {
            report(new(nameof(MeshEndpointOptions), $"{service}, {address}: {problem}"));
        }
        else if (_seen.Add(address))
        {
            _endpoints.Add(Read(address, options, https, given.Features.Get<IHostNameFeature>()?.HostName));
        }
    }

    private static Endpoint Read(EndpointAddress address, MeshEndpointOptions? options, bool https, string? hostName)
    {
        EndpointTransport transport = ProviderTransport.Of(address, options, https, hostName);
        return options is null ? new Endpoint(address) { Transport = transport } : new Endpoint(address)
        {
            Weight = options.Weight,
            Priority = options.Priority,
            Zone = options.Zone,
            HashKey = options.HashKey,
            Transport = transport,
            Labels = options.Labels.ToFrozenDictionary(StringComparer.Ordinal),
        };
    }

    private static string? ProblemOf(MeshEndpointOptions? options, bool https)
    {
        if (options is null)
        {
            return null;
        }

        if (https && options.Framing is Framing.Plaintext)
        {
            return "Framing: Plaintext, but the endpoint is https";
        }

        var problems = new Problems();
        EndpointRules.ValidateProperties(nameof(MeshEndpointOptions), options, problems);
        return problems.All.Count == 0 ? null : RpcReason.Clean(string.Join("; ", problems.All));
    }

    private EndpointAddress? ReadAddress(EndPoint? given)
    {
        EndpointAddress? address = given switch
        {
            IPEndPoint { Port: var port } ip => EndpointAddress.Create(ip.Address, PortOr(port)),
            DnsEndPoint dns => Parse(dns.Host, dns.Port),
            UriEndPoint { Uri: { IsAbsoluteUri: true, Scheme: "http" or "https", AbsolutePath.Length: <= 1, Query: "" } uri } =>
                Parse(uri.IdnHost, uri.Port),
            _ => null,
        };
        if (address is null)
        {
            string kind = given?.GetType().Name ?? "null";
            string text = ForeignText.Of(given);
            report(new(kind, $"{service}: '{text}' ({kind}) is neither an address, nor a name, nor an http or https URI without path"));
        }

        return address;
    }

    private EndpointAddress? Parse(string host, int port)
    {
        bool bare = host.Contains(':') && !host.StartsWith('[');
        return EndpointAddress.TryParse($"{(bare ? $"[{host}]" : host.TrimEnd('.'))}:{PortOr(port)}", out EndpointAddress? address)
            ? address
            : null;
    }

    // As the library does: what has no port is asked at the request's.
    private int PortOr(int port) => port > 0 ? port : service.Port;
}
