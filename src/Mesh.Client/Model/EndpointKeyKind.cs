namespace Mesh.Client.Model;

internal enum EndpointKeyKind
{
    Address,
    HashKey,
    Label,
}
