using Mesh.Client.Discovery.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>Reads the section <c>Mesh:Status</c> over what code has set.</summary>
internal static class StatusSection
{
    private const string Name = "Status";

    /// <exception cref="InvalidOperationException">It holds what is no setting.</exception>
    public static MeshStatusOptions Read(IServiceProvider services)
    {
        MeshStatusOptions options = services.GetRequiredService<IOptions<MeshStatusOptions>>().Value;
        var errors = new List<string>();
        foreach (MeshConfigureOptions mesh in services.GetServices<IConfigureOptions<MeshClientOptions>>().OfType<MeshConfigureOptions>())
        {
            new SectionCursor(mesh.Section.GetSection(Name), errors).ReadInto(options, static (at, options) =>
            {
                options.AuthorizationPolicy = at.Text(nameof(options.AuthorizationPolicy)) ?? options.AuthorizationPolicy;
                options.HidePaths = at.Flag(nameof(options.HidePaths)) ?? options.HidePaths;
            });
        }

        return errors.Count == 0 ? options : throw new InvalidOperationException(string.Join(Environment.NewLine, errors));
    }
}
