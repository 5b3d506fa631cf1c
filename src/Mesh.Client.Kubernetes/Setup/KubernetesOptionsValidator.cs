using Mesh.Client.Discovery.Configuration;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Kubernetes.Setup;

/// <summary>Every rule about the options; all that is wrong comes at once.</summary>
internal sealed class KubernetesOptionsValidator : IValidateOptions<MeshKubernetesOptions>
{
    public ValidateOptionsResult Validate(string? name, MeshKubernetesOptions options)
    {
        var problems = new Problems();
        problems.All.AddRange(options.ReadErrors);
        NotEmpty(nameof(options.KubeConfig), options.KubeConfig);
        NotEmpty(nameof(options.Context), options.Context);
        NotEmpty(nameof(options.Node), options.Node);
        NotEmpty(nameof(options.Zone), options.Zone);
        if (options.IPFamily is { } family && !Enum.IsDefined(family))
        {
            problems.Add($"{options.SectionPath}:{nameof(options.IPFamily)}", $"{(int)family} is unknown");
        }

        if (options.Access is { } access
            && (!Uri.TryCreate(access.Host, UriKind.Absolute, out Uri? host) || host.Scheme is not ("http" or "https")))
        {
            problems.Add(options.SectionPath, "the Kubernetes configuration names no API server by http or https");
        }

        if (options.AccessProblem is { } problem)
        {
            problems.All.Add(problem);
        }

        return problems.All.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems.All);

        void NotEmpty(string key, string? value) =>
            problems.Refuse(value is not null && string.IsNullOrWhiteSpace(value), $"{options.SectionPath}:{key}", "empty; leave it out");
    }
}
