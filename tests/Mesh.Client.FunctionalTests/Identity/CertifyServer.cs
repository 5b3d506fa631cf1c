using System.Collections.Concurrent;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using global::Mesh.Client.Identity.Protocol;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Mesh.Client.FunctionalTests.Hosting;
using Mesh.Client.Tests.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Identity;

/// <summary>Signs as Linkerd's identity service does, and is as strict about the request.</summary>
internal sealed class CertifyServer(TestCa ca) : global::Mesh.Client.Identity.Protocol.Identity.IdentityBase
{
    public ConcurrentQueue<CertifyRequest> Requests { get; } = [];

    /// <summary>Thrown in place of an answer.</summary>
    public Status? Failure { get; set; }

    /// <summary>Awaited before each answer.</summary>
    public Task Hold { get; set; } = Task.CompletedTask;

    /// <summary>How long certificates live.</summary>
    public TimeSpan Life { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Whether the root itself signs.</summary>
    public bool NoIntermediate { get; set; }

    /// <summary>Changes the answer.</summary>
    public Action<CertifyResponse>? Spoil { get; set; }

    public Task<InProcessServer> StartAsync() => InProcessServer.StartAsync(
        services => services.AddSingleton(this).AddGrpc(), app => app.MapGrpcService<CertifyServer>());

    public override async Task<CertifyResponse> Certify(CertifyRequest request, ServerCallContext context)
    {
        Requests.Enqueue(request);
        await Hold.WaitAsync(context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (Failure is { } failure)
        {
            throw new RpcException(failure);
        }

        byte[] csr = request.CertificateSigningRequest.ToByteArray();
        if (Complaint(csr, request.Identity) is { } complaint)
        {
            throw new RpcException(new Status(StatusCode.FailedPrecondition, complaint));
        }

        CertificateRequest read = Load(csr);
        using X509Certificate2 leaf = ca.Sign(
            new TestLeaf(request.Identity) { From = TimeSpan.FromSeconds(-20), Until = Life, NoIntermediate = NoIntermediate }, read.PublicKey.ExportSubjectPublicKeyInfo());
        var response = new CertifyResponse
        {
            LeafCertificate = ByteString.CopyFrom(leaf.RawData),
            IntermediateCertificates = { ByteString.CopyFrom(ca.Intermediate.RawData) },
            ValidUntil = Timestamp.FromDateTime(leaf.NotAfter.ToUniversalTime()),
        };
        if (NoIntermediate)
        {
            response.IntermediateCertificates.Clear();
        }

        Spoil?.Invoke(response);
        return response;
    }

    private static CertificateRequest Load(byte[] csr) => CertificateRequest.LoadSigningRequest(
        csr, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);

    private static string? Complaint(byte[] csr, string identity)
    {
        CertificateRequest read = Load(csr);
        X509Extension[] extensions = [.. read.CertificateExtensions];
        if (read.SubjectName.Name.Length > 0 || read.SubjectName.RawData is not [0x30, 0x00])
        {
            return $"the subject is {read.SubjectName.Name}";
        }

        if (extensions is not [X509SubjectAlternativeNameExtension names]
            || names.EnumerateDnsNames().ToArray() is not [var name] || name != identity
            || new AsnReader(names.RawData, AsnEncodingRules.DER).ReadSequence() is var general && !IsSingle(general))
        {
            return "there must be one DNS SAN and nothing else";
        }

        using ECDsa? key = read.PublicKey.GetECDsaPublicKey();
        if (key?.ExportParameters(false).Curve.Oid.FriendlyName is not ("nistP256" or "ECDSA_P256"))
        {
            return "the key is not P-256";
        }

        // SEQUENCE { request info, algorithm, signature }
        AsnReader request = new AsnReader(csr, AsnEncodingRules.DER).ReadSequence();
        request.ReadEncodedValue();
        string algorithm = request.ReadSequence().ReadObjectIdentifier();
        return algorithm == "1.2.840.10045.4.3.2" ? null : $"the signature is {algorithm}, not ecdsa-with-SHA256";
    }

    private static bool IsSingle(AsnReader sequence)
    {
        sequence.ReadEncodedValue();
        return !sequence.HasData;
    }
}
