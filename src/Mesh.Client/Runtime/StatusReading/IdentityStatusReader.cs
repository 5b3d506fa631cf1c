using Mesh.Client.Identity;
using Mesh.Client.Telemetry;
using Mesh.Client.Telemetry.Status;

namespace Mesh.Client.Runtime.StatusReading;

/// <summary>Who this process is, from its certificates: names, dates and fingerprints.</summary>
internal static class IdentityStatusReader
{
    private const int MaxAnchors = 50;
    private const int FingerprintDigits = 16;

    public static IdentityStatus Read(CredentialStore credentials, MeshIdentityOptions options, MeshMetrics metrics)
    {
        CredentialState state = credentials.Current;
        return new IdentityStatus
        {
            Source = credentials.IsEnabled ? options.Source.ToString() : nameof(MeshIdentitySource.None),
            Mode = credentials.Mode.ToString(),
            Name = state.Credential?.Identities[0].Name ?? options.Name,
            Problem = Redacted.Text(state.Problem),
            ValidFrom = state.Credential?.NotBefore,
            ValidUntil = state.Credential?.NotAfter,
            Handshakes = metrics.ReadHandshakes(),
            Anchors = ReadAnchors(state.TrustBundle, MaxAnchors),
        };
    }

    public static AnchorStatus[] ReadAnchors(TrustBundle? bundle, int most) =>
    [
        .. (bundle?.Anchors ?? []).Take(most).Select(anchor => new AnchorStatus(
            anchor.Subject,
            TrustBundle.Thumbprint(anchor)[..FingerprintDigits],
            new DateTimeOffset(anchor.NotAfter.ToUniversalTime()))),
    ];
}
