using Mesh.Client.Discovery.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>Reads the section <c>Mesh:Server</c>. Throws nothing: errors wait for the validator.</summary>
internal sealed class ServerConfigureOptions(IConfigurationSection section) : IConfigureOptions<MeshServerOptions>
{
    public IConfigurationSection Section { get; } = section;

    public void Configure(MeshServerOptions options)
    {
        options.SectionPath = Section.Path;
        new SectionCursor(Section, options.ReadErrors).ReadInto(options, Read);
    }

    private static void Read(SectionCursor at, MeshServerOptions options)
    {
        // Registration's.
        at.Leave("Service", "Instance", "Zone");

        if (at.Find(nameof(options.InboundPolicy)) is { } policy && policy.AsText() is { } text)
        {
            if (InboundPolicyNames.Parse(text) is { } known)
            {
                options.InboundPolicy = known;
            }
            else
            {
                string why = text.Equals("cluster-unauthenticated", StringComparison.OrdinalIgnoreCase)
                    ? "not supported: it goes by network ranges, which are not known here"
                    : "unknown";
                policy.Error($"'{text}' is {why}; choose from {InboundPolicyNames.All}");
            }
        }
    }
}
