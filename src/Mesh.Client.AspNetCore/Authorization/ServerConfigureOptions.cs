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
        options.Service = at.Text(nameof(options.Service)) ?? options.Service;
        options.Instance = at.Text(nameof(options.Instance)) ?? options.Instance;
        options.Zone = at.Text(nameof(options.Zone)) ?? options.Zone;
        options.Weight = at.Int(nameof(options.Weight)) ?? options.Weight;
        options.Address = at.Text(nameof(options.Address)) ?? options.Address;
        options.DeadlineHeader = at.Text(nameof(options.DeadlineHeader)) ?? options.DeadlineHeader;
        foreach (SectionCursor label in at.Entries(nameof(options.Labels)))
        {
            options.Labels[label.Key] = label.AsText() ?? "";
        }

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
