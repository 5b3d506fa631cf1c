using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Client.FunctionalTests.Injector;

/// <summary>Calls a local port by a name that no DNS knows, and trusts given anchors alone.</summary>
internal static class InjectorClient
{
    /// <param name="port">On 127.0.0.1.</param>
    /// <param name="name">Sent as SNI, and expected in the certificate.</param>
    /// <param name="anchors">PEM, read for each connection.</param>
    /// <param name="shown">Told of each certificate, verified or not.</param>
    /// <param name="time">At which the certificate has to be valid; null is now.</param>
    public static HttpClient Create(
        int port, string name, Func<string?> anchors, Action<X509Certificate2>? shown = null, Func<DateTimeOffset>? time = null)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions =
            {
                RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                {
                    var leaf = (X509Certificate2)certificate!;
                    shown?.Invoke(new X509Certificate2(leaf));
                    using var own = new X509Chain();
                    own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
                    own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
                    own.ChainPolicy.CustomTrustStore.ImportFromPem(anchors() ?? "");
                    own.ChainPolicy.ExtraStore.AddRange(chain!.ChainPolicy.ExtraStore);
                    if (time is not null)
                    {
                        own.ChainPolicy.VerificationTime = time().UtcDateTime;
                    }

                    return own.Build(leaf) && leaf.MatchesHostname(name, allowWildcards: false, allowCommonName: false);
                },
            },
        };
        return new HttpClient(handler)
        {
            BaseAddress = new Uri($"https://{name}:{port}"),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }
}
