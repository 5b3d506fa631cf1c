using System.Net;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Mesh.Client.Identity.Protocol;
using Mesh.Client.Model;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.AspNetCore.Authority;

/// <summary>Serves <c>Identity/Certify</c> as Linkerd's control plane does: its checks, in its order, with its status codes.</summary>
internal sealed class IdentityService(MeshAuthority authority, ITokenValidator tokens, AuthorityMetrics metrics, RefusalLog log)
    : Mesh.Client.Identity.Protocol.Identity.IdentityBase
{
    private const int MaxBytes = 64 * 1024;

    public override async Task<CertifyResponse> Certify(CertifyRequest request, ServerCallContext context)
    {
        WorkloadIdentity? identity = WorkloadIdentity.ParseDns(request.Identity);
        try
        {
            IssuedCertificate issued = await CertifyAsync(request, identity, context).ConfigureAwait(false);
            return new CertifyResponse
            {
                LeafCertificate = ByteString.CopyFrom(issued.Leaf.RawDataMemory.Span),
                IntermediateCertificates = { issued.Chain.Select(authority => ByteString.CopyFrom(authority.RawDataMemory.Span)) },
                ValidUntil = Timestamp.FromDateTimeOffset(issued.NotAfter),
            };
        }
        catch (RpcException refusal)
        {
            // What is no name of ours could forge lines of the log.
            log.Refused(identity?.Name ?? "(no DNS name)", refusal.Status.Detail);
            if (refusal.StatusCode is StatusCode.Unavailable)
            {
                metrics.Failed();
                throw;
            }

            metrics.Refused();
            throw;
        }
    }

    private async Task<IssuedCertificate> CertifyAsync(CertifyRequest request, WorkloadIdentity? identity, ServerCallContext context)
    {
        // First of all: the answer must not depend on a token that others may have read.
        if (!IsPrivate(context.GetHttpContext()))
        {
            throw Refuse(
                StatusCode.FailedPrecondition,
                "a token must not come in plaintext from another machine: TLS or a loopback address is needed");
        }

        PublicKey key = Check(request, identity);
        if (!authority.IsLoaded)
        {
            throw Refuse(StatusCode.Unavailable, "issuer not loaded");
        }

        await AuthenticateAsync(request.Token.Memory, identity!, context.CancellationToken).ConfigureAwait(false);
        try
        {
            return authority.Issue(identity!, key);
        }
        catch (AuthorityException exception)
        {
            throw Refuse(StatusCode.Unavailable, exception.Message);
        }
    }

    private static PublicKey Check(CertifyRequest request, WorkloadIdentity? identity)
    {
        string? problem =
            request.Identity.Length == 0 ? "missing identity"
            : request.Token.IsEmpty ? "missing token"
            : request.CertificateSigningRequest.IsEmpty ? "missing certificate signing request"
            : identity is null ? "the identity is not a DNS name"
            : request.Token.Length > MaxBytes ? "the token is longer than 64 KiB"
            : request.CertificateSigningRequest.Length > MaxBytes ? "the certificate signing request is longer than 64 KiB"
            : null;
        byte[] der = problem is null ? request.CertificateSigningRequest.ToByteArray() : [];
        CertificateRequest? read = problem is null ? SigningRequestReader.TryRead(der) : null;
        if (read is null)
        {
            throw Refuse(StatusCode.InvalidArgument, problem ?? "the certificate signing request cannot be read: it is not PKCS#10 in DER");
        }

        return SigningRequestReader.Problem(read, der, identity!) is { } content
            ? throw Refuse(StatusCode.FailedPrecondition, $"the certificate signing request is refused: {content}")
            : read.PublicKey;
    }

    private async Task AuthenticateAsync(ReadOnlyMemory<byte> token, WorkloadIdentity identity, CancellationToken cancellationToken)
    {
        TokenValidation validation;
        try
        {
            validation = await tokens.ValidateAsync(token, identity.Name, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Its message may hold anything.
            throw Refuse(StatusCode.Unavailable, $"the token could not be checked ({exception.GetType().Name})");
        }

        switch (validation.Status)
        {
            case TokenStatus.Invalid:
                throw Refuse(StatusCode.InvalidArgument, $"invalid token: {validation.Reason}");
            case TokenStatus.Accepted when WorkloadIdentity.ParseDns(validation.Identity) == identity:
                return;
            case TokenStatus.Accepted:
                // Whose token it is its bearer knows: it is no secret, and tells him what is wrong.
                throw Refuse(
                    StatusCode.FailedPrecondition,
                    $"the token is that of another identity than the requested one: it is {Printable(validation.Identity)}'s, and "
                    + $"{identity} was asked for");
            case TokenStatus.Unavailable:
                throw Refuse(StatusCode.Unavailable, $"the token could not be checked: {validation.Reason}");
            default:
                throw Refuse(StatusCode.FailedPrecondition, $"the token is not authenticated: {validation.Reason}");
        }
    }

    // A header that a proxy is believed may change the remote address, never the local one: a caller from elsewhere has reached another.
    private static bool IsPrivate(HttpContext context) =>
        context.Features.Get<IMeshPeerFeature>() is { IsTls: true }
        || context.Features.Get<ITlsHandshakeFeature>() is not null
        || (context.Connection is { RemoteIpAddress: { } remote, LocalIpAddress: { } local }
            && IPAddress.IsLoopback(remote) && IPAddress.IsLoopback(local));

    private static string Printable(string? identity) => WorkloadIdentity.ParseDns(identity)?.Name ?? "no DNS name";

    private static RpcException Refuse(StatusCode code, string detail) => new(new Status(code, detail));
}
