using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>
/// For a peer that the default policy refuses, while the request goes to an endpoint with a rule of its own: whatever the application
/// does to path or method on the way, an endpoint without one is replaced by a refusal.
/// </summary>
internal sealed class GuardedEndpointFeature(PeerAuthorizer authorizer, MeshInboundPolicy policy) : IEndpointFeature
{
    private Endpoint? _endpoint;

    /// <summary>As routing found it.</summary>
    public Endpoint? Found { get; private set; }

    public Endpoint? Endpoint
    {
        get => _endpoint;
        set
        {
            Found = value;
            _endpoint = value is null || value.Metadata.GetMetadata<PeerRule>() is not null ? value : Refusal(value);
        }
    }

    // AllowAnonymous: the application's own authorization would answer before the refusal does.
    private Endpoint Refusal(Endpoint instead) => new(
        context => authorizer.RefuseAsync(context, instead, InboundPolicyNames.Of(policy)),
        new EndpointMetadataCollection(new AllowAnonymousAttribute()),
        instead.DisplayName);
}
