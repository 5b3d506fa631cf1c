using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Model;

namespace Mesh.Client.Identity;

/// <summary>Reads the identities out of a certificate: its DNS and URI SANs, in their order, and nothing else of it.</summary>
internal static class SubjectNames
{
    /// <summary>The extension's object identifier.</summary>
    public const string Extension = "2.5.29.17";

    /// <summary>RFC 5280 §4.2.1.6, <c>GeneralName</c>.</summary>
    public static readonly Asn1Tag DnsName = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag UniformResourceIdentifier = new(TagClass.ContextSpecific, 6);

    /// <summary>
    /// Names that are no identity (wildcards, a trailing dot, other kinds of name) are left out. An extension that cannot be read, or
    /// that is there twice, gives none.
    /// </summary>
    public static ImmutableArray<WorkloadIdentity> Read(X509Certificate2 certificate)
    {
        X509Extension[] extensions = [.. certificate.Extensions.Where(extension => extension.Oid?.Value == Extension)];
        if (extensions.Length != 1)
        {
            return [];
        }

        try
        {
            return Read(extensions[0].RawData);
        }
        catch (AsnContentException)
        {
            return [];
        }
    }

    private static ImmutableArray<WorkloadIdentity> Read(byte[] extension)
    {
        var reader = new AsnReader(extension, AsnEncodingRules.DER);
        AsnReader names = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        var identities = ImmutableArray.CreateBuilder<WorkloadIdentity>();
        while (names.HasData)
        {
            Asn1Tag tag = names.PeekTag();
            WorkloadIdentity? identity = null;
            if (tag.HasSameClassAndValue(DnsName))
            {
                identity = WorkloadIdentity.ParseDns(names.ReadCharacterString(UniversalTagNumber.IA5String, DnsName));
            }
            else if (tag.HasSameClassAndValue(UniformResourceIdentifier))
            {
                identity = WorkloadIdentity.ParseUri(names.ReadCharacterString(UniversalTagNumber.IA5String, UniformResourceIdentifier));
            }
            else
            {
                names.ReadEncodedValue();
            }

            if (identity is not null)
            {
                identities.Add(identity);
            }
        }

        return identities.ToImmutable();
    }
}
