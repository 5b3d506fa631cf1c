using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Identity.Protocol;
using Mesh.Client.Model;

namespace Mesh.Client.Identity;

/// <summary>Gets one certificate from a control plane, with a key that is made for it and never leaves this process.</summary>
/// <param name="identity">A DNS name.</param>
/// <param name="tokenPath">Read anew for each call: Kubernetes renews it.</param>
internal sealed class CertifyClient(string name, CallInvoker invoker, WorkloadIdentity identity, string tokenPath, TimeProvider time)
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);

    private readonly Protocol.Identity.IdentityClient _client = new(invoker);

    /// <exception cref="CredentialException">It did not work; the message says why.</exception>
    public async Task<Credential> CertifyAsync(CancellationToken cancellationToken)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertifyResponse response = await CallAsync(key, cancellationToken).ConfigureAwait(false);
        return Read(response, key);
    }

    private async Task<CertifyResponse> CallAsync(ECDsa key, CancellationToken cancellationToken)
    {
        byte[] content = FileContent.TryRead(tokenPath, out string? problem) ?? throw new CredentialException($"token {problem}");
        using var timeout = new CancellationTokenSource(CallTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            // An editor's last newline is no part of a token.
            ReadOnlyMemory<byte> token = content.AsMemory(0, content.AsSpan().TrimEnd("\r\n"u8).Length);
            if (token.IsEmpty)
            {
                throw new CredentialException($"token {tokenPath}: it is empty");
            }

            var request = new CertifyRequest
            {
                Identity = identity.Name,
                Token = UnsafeByteOperations.UnsafeWrap(token),
                CertificateSigningRequest = UnsafeByteOperations.UnsafeWrap(SigningRequest.Create(identity.Name, key)),
            };
            return await _client.CertifyAsync(request, cancellationToken: either.Token).ConfigureAwait(false);
        }
        catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CredentialException(timeout.IsCancellationRequested
                ? $"{name} did not answer within {CallTimeout.TotalSeconds:0} s"
                : Reason(exception));
        }
        catch (ObjectDisposedException)
        {
            throw new CredentialException($"the channel to {name} is closed");
        }
        catch (RpcException exception)
        {
            // gRPC speaks of cancellation with a status.
            throw new OperationCanceledException(exception.Status.Detail, cancellationToken);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    private string Reason(RpcException exception) => exception.StatusCode switch
    {
        StatusCode.InvalidArgument => $"{name} cannot read the token ({tokenPath}) or the request: {RpcReason.Detail(exception)}",
        StatusCode.FailedPrecondition =>
            $"{name} does not certify {identity} for the bearer of the token ({tokenPath}): {RpcReason.Detail(exception)}",
        StatusCode.Unauthenticated or StatusCode.PermissionDenied =>
            $"{name} does not accept the token ({tokenPath}): {RpcReason.Detail(exception)}",
        StatusCode.Unimplemented => $"{name} gives out no certificates (io.linkerd.proxy.identity.Identity is not served there)",
        _ => $"{name} is out of reach: {RpcReason.Short(exception)}",
    };

    private Credential Read(CertifyResponse response, ECDsa key)
    {
        X509Certificate2Collection leaf = CertificateEncoding.TryRead(response.LeafCertificate.Span, out string? problem)
            ?? throw new CredentialException($"{name} sent a certificate that makes no sense: {problem}");
        var intermediates = new X509Certificate2Collection(leaf.Skip(1).ToArray());
        foreach (ByteString intermediate in response.IntermediateCertificates)
        {
            intermediates.AddRange(CertificateEncoding.TryRead(intermediate.Span, out problem)
                ?? throw new CredentialException($"{name} sent an intermediate that makes no sense: {problem}"));
        }

        X509Certificate2? joined = PrivateKeys.TryJoin(leaf[0], key, out problem);
        Credential? credential = joined is null ? null : Credential.TryCreate(joined, intermediates, out problem);
        if (credential is not null && !credential.Identities.Contains(identity))
        {
            problem = $"it is for {string.Join(", ", credential.Identities)}, not for {identity}";
        }
        else if (credential is not null && credential.NotAfter <= time.GetUtcNow())
        {
            problem = $"it ended at {credential.NotAfter:u}";
        }

        return problem is null ? credential! : throw new CredentialException($"{name} sent a certificate of no use: {problem}");
    }
}
