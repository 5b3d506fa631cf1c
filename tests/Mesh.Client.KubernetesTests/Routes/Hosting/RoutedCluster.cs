using System.Runtime.CompilerServices;
using k8s.Models;
using Mesh.Client.Discovery;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Kubernetes.Routes;
using Mesh.Client.Model;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Endpoint = Mesh.Client.Model.Endpoint;

namespace Mesh.Client.KubernetesTests.Routes.Hosting;

/// <summary>
/// A cluster of manifests: each Service has one real instance, which tells what it was sent, and one application calls from a namespace,
/// through the real mesh.
/// </summary>
internal sealed class RoutedCluster : IEndpointSource, IAsyncDisposable
{
    private readonly Manifests _manifests;
    private readonly string _caller;
    private readonly Dictionary<string, Backend> _backends = [];
    private MeshHost? _mesh;

    private RoutedCluster(Manifests manifests, string caller)
    {
        _manifests = manifests;
        _caller = caller;
    }

    public string Name => "manifests";

    public bool TellsPolicies => true;

    public MeshHost Mesh => _mesh!;

    public static async Task<RoutedCluster> StartAsync(
        string yaml,
        string caller = RouteReading.Space,
        HttpProtocols protocols = HttpProtocols.Http1)
    {
        var cluster = new RoutedCluster(Manifests.Read(yaml), caller);
        foreach (V1Service service in cluster._manifests.Services)
        {
            string name = $"{service.Metadata.Name}.{service.Metadata.NamespaceProperty}";
            cluster._backends[name] = await Backend.StartAsync(context => EchoAsync(service.Metadata.Name, context), protocols);
        }

        cluster._mesh = await MeshHost.StartAsync(
            [("Namespace", caller)], services => services.AddSingleton<IEndpointSource>(cluster));
        return cluster;
    }

    /// <summary>Calls, and does not follow redirects.</summary>
    public async Task<RoutedAnswer> AskAsync(
        string uri, HttpMethod? method = null, string? key = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, uri);
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (key is not null)
        {
            request.SetMeshHashKey(key);
        }

        try
        {
            using HttpResponseMessage response = await Mesh.Client().SendAsync(request, TestContext.Current.CancellationToken);
            return await RoutedAnswer.ReadAsync(response);
        }
        catch (MeshException e)
        {
            return new RoutedAnswer { Failure = e.Reason };
        }
    }

    public async IAsyncEnumerable<EndpointSet> WatchAsync(
        ServiceName service, Pulse demand, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string[] labels = service.Host.Split('.');
        V1Service? found = _manifests.Services.SingleOrDefault(o =>
            o.Metadata.Name == labels[0]
            && o.Metadata.NamespaceProperty == labels[1]
            && o.Spec.Ports.Any(port => port.Port == service.Port));
        yield return found is null ? EndpointSet.NotFound("no such Service") : Known(service, labels[0], labels[1]);
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_mesh is not null)
        {
            await _mesh.DisposeAsync();
        }

        foreach (Backend backend in _backends.Values)
        {
            await backend.DisposeAsync();
        }
    }

    private EndpointSet Known(ServiceName service, string name, string space) =>
        EndpointSet.Known([new Endpoint(Address(_backends[$"{name}.{space}"]))]) with
        {
            Policy = TrafficPolicyReader.Read(_manifests.Scope(_caller, name, service.Port, space)),
        };

    private static EndpointAddress Address(Backend backend) =>
        EndpointAddress.TryParse(backend.Address, out EndpointAddress? address) ? address : throw new FormatException(backend.Address);

    // Which service, and what of the request it saw.
    private static Task EchoAsync(string service, HttpContext context)
    {
        HttpRequest request = context.Request;
        context.Response.Headers["x-service"] = service;
        context.Response.Headers["x-path"] = $"{request.Path}{request.QueryString}";
        foreach (string header in request.Headers.Keys)
        {
            context.Response.Headers[$"saw-{header}"] = string.Join(", ", request.Headers[header].ToArray());
        }

        context.Response.StatusCode = int.TryParse(request.Headers["x-answer"], out int status) ? status : 200;
        return Task.CompletedTask;
    }
}
