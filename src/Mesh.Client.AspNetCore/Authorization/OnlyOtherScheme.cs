using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>
/// ASP.NET takes an application's only scheme for its default. It stays so with the mesh's beside it.
/// </summary>
internal sealed class OnlyOtherScheme : IPostConfigureOptions<AuthenticationOptions>
{
    private const string SuppressSwitch = "Microsoft.AspNetCore.Authentication.SuppressAutoDefaultScheme";

    public void PostConfigure(string? name, AuthenticationOptions options)
    {
        if (options.DefaultScheme is not null || (AppContext.TryGetSwitch(SuppressSwitch, out bool suppressed) && suppressed))
        {
            return;
        }

        string[] others =
        [
            .. options.Schemes.Select(scheme => scheme.Name).Where(scheme => scheme != MeshPeerDefaults.AuthenticationScheme),
        ];
        if (others.Length == 1)
        {
            options.DefaultScheme = others[0];
        }
    }
}
