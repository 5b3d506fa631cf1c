using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Mesh.Client.AspNetCore.Server;

/// <summary>
/// Makes Kestrel speak HTTP/2 on a connection where no ALPN chose it. Kestrel decides once, when HTTP begins: it looks whether there is
/// TLS at all, then which protocol was negotiated. On plaintext both answers are given by this placeholder, which takes itself away
/// with the second, so that no request ever sees it.
/// </summary>
internal sealed class PriorKnowledge : ITlsApplicationProtocolFeature, ITlsConnectionFeature
{
    private static readonly ReadOnlyMemory<byte> Http2 = "h2"u8.ToArray();

    // Null on TLS, where there is nothing to hide.
    private readonly IFeatureCollection? _plaintext;

    private PriorKnowledge(IFeatureCollection? plaintext) => _plaintext = plaintext;

    public X509Certificate2? ClientCertificate { get; set; }

    public ReadOnlyMemory<byte> ApplicationProtocol
    {
        get
        {
            _plaintext?.Set<ITlsConnectionFeature>(null);
            _plaintext?.Set<ITlsApplicationProtocolFeature>(null);
            return Http2;
        }
    }

    public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) =>
        Task.FromResult<X509Certificate2?>(null);

    /// <summary>Just before Kestrel's HTTP begins.</summary>
    public static void Set(IFeatureCollection features, bool isTls)
    {
        var feature = new PriorKnowledge(isTls ? null : features);
        features.Set<ITlsApplicationProtocolFeature>(feature);
        if (!isTls)
        {
            features.Set<ITlsConnectionFeature>(feature);
        }
    }
}
