namespace Mesh.Client.AspNetCore;

/// <summary>
/// How much the embedded control plane takes on at once; the section <c>Mesh:ControlPlaneLimits</c>. What is beyond is refused, before
/// any work is done for it: clients keep what they know, and ask again. What is open stays.
/// </summary>
public sealed class MeshControlPlaneLimitOptions
{
    /// <summary>Streams of endpoints, policies and profiles that are open at once; from 1. Default 20,000.</summary>
    public int Streams { get; set; } = 20_000;

    /// <summary>Registrations that are held at once; from 1. Default 10,000.</summary>
    public int Registrations { get; set; } = 10_000;

    /// <summary>
    /// Streams and registrations that wait for their first word at once; one that has waited for a second counts no more. From 1. Default
    /// 1,000.
    /// </summary>
    public int Openings { get; set; } = 1_000;

    /// <summary>Certificates that are asked for at once; from 1. Default 100.</summary>
    public int Certificates { get; set; } = 100;

    /// <summary>
    /// Streams of one client that are open at once, and registrations that it holds; from 1. A client is a verified identity, however many
    /// processes have it, or without one an IP address. Default 5,000.
    /// </summary>
    public int StreamsPerClient { get; set; } = 5_000;

    /// <summary>Certificates that one client asks for at once; from 1. Default 10.</summary>
    public int CertificatesPerClient { get; set; } = 10;

    /// <summary>What a section got wrong, kept here so that one validation reports all of it.</summary>
    internal List<string> ReadErrors { get; } = [];

    /// <summary>Where the paths in messages begin.</summary>
    internal string SectionPath { get; set; } = "Mesh:ControlPlaneLimits";
}
