namespace Mesh.Client.Telemetry.Status;

/// <param name="Subject">The certificate's subject.</param>
/// <param name="Fingerprint">SHA-256, the first 16 hexadecimal digits.</param>
/// <param name="ValidUntil">Its end.</param>
internal sealed record AnchorStatus(string Subject, string Fingerprint, DateTimeOffset ValidUntil);
