using Mesh.Client.Discovery.Configuration;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.ControlPlane.Limits;

/// <summary>Every rule about the options, whether code or configuration set them.</summary>
internal sealed class LimitOptionsValidator : IValidateOptions<MeshControlPlaneLimitOptions>
{
    public ValidateOptionsResult Validate(string? name, MeshControlPlaneLimitOptions options)
    {
        var problems = new Problems();
        problems.All.AddRange(options.ReadErrors);
        Check(nameof(options.Streams), options.Streams);
        Check(nameof(options.Registrations), options.Registrations);
        Check(nameof(options.Openings), options.Openings);
        Check(nameof(options.Certificates), options.Certificates);
        Check(nameof(options.StreamsPerClient), options.StreamsPerClient);
        Check(nameof(options.CertificatesPerClient), options.CertificatesPerClient);
        return problems.All.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems.All);

        void Check(string key, int value) => problems.Range($"{options.SectionPath}:{key}", value, 1, int.MaxValue);
    }
}
