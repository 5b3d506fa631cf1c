using Mesh.Client.Discovery.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.Registry;

/// <summary>Reads the section <c>Registry</c>. Throws nothing: errors wait for the validator.</summary>
internal sealed class RegistryConfigureOptions(IConfigurationSection section) : IConfigureOptions<MeshRegistryOptions>
{
    public IConfigurationSection Section { get; } = section;

    public void Configure(MeshRegistryOptions options)
    {
        options.SectionPath = Section.Path;
        new SectionCursor(Section, options.ReadErrors).ReadInto(options, Read);
    }

    private static void Read(SectionCursor at, MeshRegistryOptions options)
    {
        options.AllowForeignAddresses = at.Flag(nameof(options.AllowForeignAddresses)) ?? options.AllowForeignAddresses;
        foreach (SectionCursor service in at.Entries(nameof(options.Services)))
        {
            options.Services[service.Key] = service.ReadInto(new MeshRegistryServiceOptions(), Read);
        }
    }

    private static void Read(SectionCursor at, MeshRegistryServiceOptions options)
    {
        foreach (string identity in at.Texts(nameof(options.Identities)) ?? [])
        {
            options.Identities.Add(identity);
        }
    }
}
