using Grpc.Net.Client;
using Mesh.Client.Identity;
using Mesh.Client.Runtime;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Grpc;

/// <summary>Channels whose handler is the mesh. No state of its own.</summary>
internal sealed class MeshChannelFactory(MeshRuntime runtime, CredentialStore credentials, ILoggerFactory loggers) : IMeshChannelFactory
{
    public GrpcChannel CreateChannel(string service, Action<GrpcChannelOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(service);
        Uri address = AddressOf(service);
        var handler = new MeshHandler(runtime, MeshScope.Client, new SocketsHttpHandler { EnableMultipleHttp2Connections = true });
        var options = new GrpcChannelOptions
        {
            LoggerFactory = loggers,
            HttpHandler = handler,
            DisposeHttpClient = true,

            // gRPC drops a call's credentials on http:// without a word. Under Strict every connection is TLS, whatever the address says.
            UnsafeUseInsecureChannelCallCredentials = credentials.Mode is MeshIdentityMode.Strict,
        };
        configure?.Invoke(options);
        if (options.HttpHandler != handler || options.HttpClient is not null)
        {
            handler.Dispose();
            throw new ArgumentException(
                "A mesh channel's handler is the mesh: HttpHandler and HttpClient stay as they are.", nameof(configure));
        }

        return GrpcChannel.ForAddress(address, options);
    }

    private static Uri AddressOf(string service)
    {
        string text = service.Contains("://", StringComparison.Ordinal) ? service : $"http://{service}";
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? address)
            && address.Scheme is "http" or "https"
            && (address.HostNameType is UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6 || address.Host.StartsWith('_'))
            && address is { PathAndQuery: "/", Fragment: "", UserInfo: "" }
                ? address
                : throw new ArgumentException(
                    $"'{service}' is not a service name such as greeter, greeter.shop or greeter:5000.", nameof(service));
    }
}
