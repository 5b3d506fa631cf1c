using System.Net;
using System.Net.Sockets;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.FunctionalTests.Server;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Registry;

/// <summary>A name server that knows one name, that of a control plane with several replicas.</summary>
internal sealed class ReplicaNames : IHostResolver
{
    public static readonly IPAddress First = IPAddress.Loopback;
    public static readonly IPAddress Second = IPAddress.Parse("127.0.0.2");

    private int _asked;

    /// <summary>Empty: the name server is away.</summary>
    public IPAddress[] Addresses { get; set; } = [First, Second];

    public int Asked => Volatile.Read(ref _asked);

    public static string Address(int port) => $"http://control-plane.test:{port}";

    public Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _asked);
        return Addresses is { Length: > 0 } addresses
            ? Task.FromResult(addresses)
            : Task.FromException<IPAddress[]>(new SocketException((int)SocketError.TryAgain));
    }

    public Task<MeshServer> StartInstanceAsync(int port, string instance, MeshSettings? settings = null) => RegistryHost.StartInstanceAsync(
        port,
        "catalog",
        instance,
        settings: [("ControlPlane:Address", Address(port)), .. settings ?? []],
        configure: builder => builder.Services.AddSingleton<IHostResolver>(this));

    public Task<MeshHost> StartClientAsync(int port) => MeshHost.StartAsync(
        [("ControlPlane:Address", Address(port))],
        services => services.AddSingleton<IHostResolver>(this));
}
