using System.Globalization;
using System.Text;
using Mesh.Client.Telemetry.Status;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>A control plane's authority and injector as text.</summary>
internal static class AuthorityText
{
    public static void Authority(StringBuilder text, AuthorityStatus authority, CertificatesStatus? certificates, DateTimeOffset at)
    {
        var table = new TextTable("ISSUER", "SOURCE", "SIGNS", "VALID UNTIL", ">LEFT", ">ISSUED", ">REFUSED", "LATEST");
        table.Add(
            TextWords.Cut(authority.Issuer, 64),
            TextWords.Cut(authority.Source, 48),
            authority.Signs ? "yes" : "no",
            authority.ValidUntil is { } until ? TextWords.Time(until) : TextWords.None,
            authority.ValidUntil is { } end ? TextWords.Duration(end - at) : TextWords.None,
            TextWords.Number(certificates?.Issued ?? 0),
            TextWords.Number(certificates?.Refused ?? 0),
            certificates?.Latest is { } latest ? TextWords.Time(latest) : TextWords.None);
        table.WriteTo(text);
        text.Append(authority.Problem is { } problem ? $"! {TextWords.Plain(problem)}\n" : null);
        var anchors = new TextTable("ANCHOR", "FINGERPRINT", "VALID UNTIL");
        foreach (AnchorStatus anchor in authority.Anchors)
        {
            anchors.Add(TextWords.Cut(anchor.Subject, 64), anchor.Fingerprint, TextWords.Time(anchor.ValidUntil));
        }

        anchors.WriteTo(text);
    }

    public static void Injector(StringBuilder text, InjectorStatus injector) => text.Append(
        CultureInfo.InvariantCulture,
        $"pods injected {injector.Injected}, unchanged {injector.Unchanged}, disabled {injector.Disabled}, "
            + $"skipped {injector.Skipped}, refused {injector.Refused}\n");
}
