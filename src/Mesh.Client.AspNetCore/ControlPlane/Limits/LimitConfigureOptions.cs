using Mesh.Client.Discovery.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.ControlPlane.Limits;

/// <summary>Reads the section <c>ControlPlaneLimits</c>. Throws nothing: errors wait for the validator.</summary>
internal sealed class LimitConfigureOptions(IConfigurationSection section) : IConfigureOptions<MeshControlPlaneLimitOptions>
{
    public const string Name = "ControlPlaneLimits";

    public IConfigurationSection Section { get; } = section;

    public void Configure(MeshControlPlaneLimitOptions options)
    {
        options.SectionPath = Section.Path;
        new SectionCursor(Section, options.ReadErrors).ReadInto(options, Read);
    }

    private static void Read(SectionCursor at, MeshControlPlaneLimitOptions options)
    {
        options.Streams = at.Int(nameof(options.Streams)) ?? options.Streams;
        options.Registrations = at.Int(nameof(options.Registrations)) ?? options.Registrations;
        options.Openings = at.Int(nameof(options.Openings)) ?? options.Openings;
        options.Certificates = at.Int(nameof(options.Certificates)) ?? options.Certificates;
        options.StreamsPerClient = at.Int(nameof(options.StreamsPerClient)) ?? options.StreamsPerClient;
        options.CertificatesPerClient = at.Int(nameof(options.CertificatesPerClient)) ?? options.CertificatesPerClient;
    }
}
