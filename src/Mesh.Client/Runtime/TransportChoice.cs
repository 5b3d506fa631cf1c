using Mesh.Client.Identity;
using Mesh.Client.Model;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Runtime;

/// <summary>What is made of the identities that discovery tells: nothing in a mesh without TLS, which one
/// warning says.</summary>
internal sealed partial class TransportChoice(CredentialStore credentials, ILogger<TransportChoice> logger)
{
    private int _warned;

    public EndpointTransport Of(EndpointTransport told)
    {
        // What is behind a gateway is not reached past its TLS.
        if (credentials.IsEnabled || !told.IsSecured || told.TlsOnly || told.AuthorityOverride is not null)
        {
            return told;
        }

        if (Interlocked.Exchange(ref _warned, 1) == 0)
        {
            LogIdentityIgnored(told.Peer?.Identity);
        }

        return EndpointTransport.Plaintext;
    }

    /// <summary>Why an endpoint is never called; null when it may be.</summary>
    public static string? WhyClosed(EndpointTransport transport, CredentialStore credentials) => transport switch
    {
        { TlsOnly: true } when !credentials.IsEnabled =>
            "is an https address, and is not called while this process has no identity (Identity:Source is None)",
        { AuthorityOverride: not null } when !credentials.IsEnabled =>
            "is a gateway, and is not called while this process has no identity (Identity:Source is None)",
        { IsSecured: true, Peer: null } => $"{transport.Doubt ?? "has an identity that cannot be read"}, and is not called",
        { IsSecured: false } when credentials is { IsEnabled: true, Mode: MeshIdentityMode.Strict } =>
            "has no identity, and is not called in Mode Strict",
        _ => null,
    };

    [LoggerMessage(EventId = 1, EventName = "IdentityIgnored", Level = LogLevel.Warning,
        Message = "Endpoints have identities ({Identity} for one), but this process has none (Identity:Source is None): "
            + "calls go without TLS.")]
    private partial void LogIdentityIgnored(WorkloadIdentity? identity);
}
