using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>
/// The scheme <c>Mesh</c>: the peer's verified identity as a principal. There is nothing to challenge for: both answers are 403.
/// </summary>
internal sealed class MeshPeerHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, PeerAuthorizer authorizer)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Context.Features.Get<IMeshPeerFeature>() is not { Identity: { } name } peer)
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        var identity = new ClaimsIdentity(Scheme.Name);
        identity.AddClaim(new Claim(ClaimTypes.Name, name, ClaimValueTypes.String, Scheme.Name));
        for (int i = 0; i < peer.Identities.Count; i++)
        {
            identity.AddClaim(
                new Claim(MeshPeerDefaults.IdentityClaimType, peer.Identities[i], ClaimValueTypes.String, Scheme.Name));
        }

        var ticket = new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name);
        return Task.FromResult(AuthenticateResult.Success(ticket));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => RefuseAsync();

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => RefuseAsync();

    private Task RefuseAsync() =>
        authorizer.RefuseAsync(Context, Microsoft.AspNetCore.Http.EndpointHttpContextExtensions.GetEndpoint(Context),
            PeerAuthorizer.ApplicationPolicy);
}
