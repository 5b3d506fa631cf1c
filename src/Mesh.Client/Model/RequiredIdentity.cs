namespace Mesh.Client.Model;

/// <summary>Who must answer a request by the request's own word (<c>l5d-require-id</c>).</summary>
/// <param name="Text">As it was written; what is no identity is nobody's.</param>
internal sealed record RequiredIdentity(string Text)
{
    private readonly WorkloadIdentity? _identity = WorkloadIdentity.TryParse(Text, out WorkloadIdentity? read) ? read : null;

    /// <summary>Whether an endpoint is verified to be it when it is connected to.</summary>
    public bool IsOf(EndpointTransport transport) => _identity is not null && transport.Peer?.Identity == _identity;
}
