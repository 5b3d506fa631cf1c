namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>How a status is shown.</summary>
internal enum StatusFace
{
    Text,
    Json,
    Html,
}
