namespace Mesh.Client.Model;

internal enum HashSourceKind
{
    Header,
    Cookie,
    Query,
    Path,
}
