using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>Reads one section into the options, each time they are made. Throws nothing: errors wait for the validator.</summary>
internal sealed class MeshConfigureOptions(IConfigurationSection section) : IConfigureOptions<MeshClientOptions>
{
    public IConfigurationSection Section { get; } = section;

    public void Configure(MeshClientOptions options)
    {
        options.SectionPath = Section.Path;
        OptionsReader.Read(Section, options);
    }
}
