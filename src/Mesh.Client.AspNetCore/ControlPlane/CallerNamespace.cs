using Grpc.Core;
using Mesh.Client.AspNetCore.Authorization;

namespace Mesh.Client.AspNetCore.ControlPlane;

/// <summary>
/// Where a caller is: routes of consumers are those of its namespace. A verified identity is believed over what the caller says of itself.
/// </summary>
internal static class CallerNamespace
{
    /// <param name="said">Null: it says none.</param>
    /// <returns>Null: nobody tells one.</returns>
    public static string? Of(ServerCallContext context, string? said)
    {
        IReadOnlyList<string> verified = IdentityNamespace.Of(context.GetHttpContext().Features.Get<IMeshPeerFeature>());
        return verified.Count == 0 || (said is not null && verified.Contains(said)) ? said : verified[0];
    }
}
