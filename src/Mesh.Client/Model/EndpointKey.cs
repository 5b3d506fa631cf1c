namespace Mesh.Client.Model;

/// <summary>What an endpoint hashes by.</summary>
/// <param name="Kind">Where the key is found.</param>
/// <param name="Label">The label's name when <paramref name="Kind"/> is <see cref="EndpointKeyKind.Label"/>.</param>
internal sealed record EndpointKey(EndpointKeyKind Kind, string? Label = null)
{
    public static readonly EndpointKey Address = new(EndpointKeyKind.Address);

    public static readonly EndpointKey HashKey = new(EndpointKeyKind.HashKey);

    /// <summary>The key of one endpoint; its address where discovery says nothing else.</summary>
    public string Of(Endpoint endpoint) => Kind switch
    {
        EndpointKeyKind.HashKey => endpoint.HashKey,
        EndpointKeyKind.Label => endpoint.Labels.GetValueOrDefault(Label!),
        _ => null,
    } ?? endpoint.Address.Text;
}
