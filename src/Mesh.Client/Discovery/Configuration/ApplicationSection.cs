using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>The section <c>Mesh</c> of the configuration that the application has registered.</summary>
internal static class ApplicationSection
{
    public const string Path = "Mesh";

    /// <summary>Registers the options' reading. Known again by <see cref="IsRead"/>.</summary>
    public static readonly Func<IServiceProvider, IConfigureOptions<MeshClientOptions>> Read = Create;

    public static bool IsRead(ServiceDescriptor service) => ReferenceEquals(service.ImplementationFactory, Read);

    private static MeshConfigureOptions Create(IServiceProvider services) => new(
        (services.GetService<IConfiguration>() ?? throw new InvalidOperationException(
            $"AddMeshClient() reads the section {Path} of the application's configuration, and no IConfiguration is registered. "
            + "Register one, or say which section: AddMeshClient(configuration.GetSection(\"Mesh\"))."))
        .GetSection(Path));
}
