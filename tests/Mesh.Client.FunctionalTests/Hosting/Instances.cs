using System.Net;
using System.Net.Sockets;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Endpoint = Mesh.Client.Model.Endpoint;

namespace Mesh.Client.FunctionalTests.Hosting;

/// <summary>Instances of a service.</summary>
internal static class Instances
{
    /// <summary>Answers every request with its name.</summary>
    public static Task<InProcessServer> HttpAsync(string name, HttpProtocols protocols = HttpProtocols.Http1) =>
        HttpAsync(context => context.Response.WriteAsync(name), protocols);

    public static Task<InProcessServer> HttpAsync(RequestDelegate answer, HttpProtocols protocols = HttpProtocols.Http1) =>
        InProcessServer.StartAsync(null, app => app.Run(answer), protocols: protocols);

    public static Task<InProcessServer> GrpcAsync(ProbeService probe) =>
        InProcessServer.StartAsync(services => services.AddSingleton(probe).AddGrpc(), app => app.MapGrpcService<ProbeService>());

    /// <summary>What a source says of them.</summary>
    public static EndpointSet Known(params IEnumerable<Uri> addresses) => EndpointSet.Known(
    [
        .. addresses.Select(address => new Endpoint(EndpointAddress.TryParse(address.Authority, out EndpointAddress? parsed)
            ? parsed
            : throw new ArgumentException(address.Authority))),
    ]);

    /// <summary>Where nobody listens: connections are refused.</summary>
    public static Uri Dead()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://{listener.LocalEndpoint}");
    }
}
