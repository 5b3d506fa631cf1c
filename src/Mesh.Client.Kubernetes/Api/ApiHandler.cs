using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;

namespace Mesh.Client.Kubernetes.Api;

/// <summary>The connections to the API server: its CA, our certificate, no proxy, and pings that find what died without a word.</summary>
internal static class ApiHandler
{
    /// <param name="configuration">Where, and as whom.</param>
    /// <param name="authorities">Whose certificates are the server's; null: those that the operating system trusts.</param>
    /// <param name="timeouts">How long what may take.</param>
    /// <exception cref="Exception">The client certificate cannot be read.</exception>
    public static SocketsHttpHandler Create(
        KubernetesClientConfiguration configuration, X509Certificate2Collection? authorities, ApiTimeouts timeouts)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectTimeout = timeouts.Connect,
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = timeouts.PingDelay,
            KeepAlivePingTimeout = timeouts.PingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            ActivityHeadersPropagator = null,
        };
        Secure(handler.SslOptions, configuration, authorities);
        configuration.FirstMessageHandlerSetup?.Invoke(handler);
        return handler;
    }

    private static void Secure(
        SslClientAuthenticationOptions tls, KubernetesClientConfiguration configuration, X509Certificate2Collection? authorities)
    {
        if (configuration.SkipTlsVerify)
        {
#pragma warning disable CA5359 // A kubeconfig may ask for it: insecure-skip-tls-verify.
            tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (authorities is { Count: > 0 })
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            policy.CustomTrustStore.AddRange(authorities);
            tls.CertificateChainPolicy = policy;
        }

        tls.ClientCertificateContext = ClientCertificate(configuration);
    }

    // With its intermediates: the server may know the authority alone.
    private static SslStreamCertificateContext? ClientCertificate(KubernetesClientConfiguration configuration)
    {
        string? chain = Pem(configuration.ClientCertificateData, configuration.ClientCertificateFilePath);
        string? key = Pem(configuration.ClientCertificateKeyData, configuration.ClientKeyFilePath);
        if (chain is null || key is null)
        {
            return null;
        }

        var intermediates = new X509Certificate2Collection();
        intermediates.ImportFromPem(chain);
        if (intermediates.Count > 0)
        {
            intermediates.RemoveAt(0);
        }

        return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPem(chain, key), intermediates, offline: true);
    }

    private static string? Pem(string? data, string? path) =>
        !string.IsNullOrWhiteSpace(data) ? Encoding.UTF8.GetString(Convert.FromBase64String(data))
        : !string.IsNullOrWhiteSpace(path) ? File.ReadAllText(path)
        : null;
}
