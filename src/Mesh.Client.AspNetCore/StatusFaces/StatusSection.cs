using Mesh.Client.Discovery.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>Reads the section <c>Mesh:Status</c> over what code has set.</summary>
internal static class StatusSection
{
    public const string Name = "Status";

    /// <exception cref="InvalidOperationException">It holds what is no setting.</exception>
    public static MeshStatusOptions Read(IServiceProvider services)
    {
        MeshStatusOptions options = services.GetRequiredService<IOptions<MeshStatusOptions>>().Value;
        var errors = new List<string>();
        foreach (MeshConfigureOptions mesh in services.GetServices<IConfigureOptions<MeshClientOptions>>().OfType<MeshConfigureOptions>())
        {
            Read(mesh.Section.GetSection(Name), options, errors);
        }

        return errors.Count == 0 ? options : throw new InvalidOperationException(string.Join(Environment.NewLine, errors));
    }

    /// <summary>Reads one section that has been read before.</summary>
    public static void Read(IConfigurationSection section, MeshStatusOptions options) => Read(section, options, []);

    private static void Read(IConfigurationSection section, MeshStatusOptions options, List<string> errors) =>
        new SectionCursor(section, errors).ReadInto(options, static (at, options) =>
        {
            options.AuthorizationPolicy = at.Text(nameof(options.AuthorizationPolicy)) ?? options.AuthorizationPolicy;
            options.HidePaths = at.Flag(nameof(options.HidePaths)) ?? options.HidePaths;
        });
}
