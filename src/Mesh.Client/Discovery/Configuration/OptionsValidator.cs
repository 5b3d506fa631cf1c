using Mesh.Client.Discovery.Destination;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>
/// Every rule about the options, whether code or configuration set them; all that is wrong comes at once, with what the reader
/// could not read.
/// </summary>
/// <param name="policies">The built-in ones unless told otherwise.</param>
internal sealed class OptionsValidator(PolicyNames? policies = null) : IValidateOptions<MeshClientOptions>
{
    public ValidateOptionsResult Validate(string? name, MeshClientOptions options)
    {
        var problems = new Problems();
        problems.All.AddRange(options.ReadErrors);
        string root = options.SectionPath;

        ValidateNames(options, root, problems);
        ValidateControlPlane(options.ControlPlane, $"{root}:{nameof(options.ControlPlane)}", problems);
        IdentityRules.Validate(options, root, problems);
        LinkerdRules.Validate(options, root, problems);
        if (!Enum.IsDefined(options.UnknownServices))
        {
            problems.Add($"{root}:{nameof(options.UnknownServices)}", $"{(int)options.UnknownServices} is unknown");
        }

        var services = new ServiceRules(options, policies ?? PolicyNames.None, problems);
        services.ValidateDefaults($"{root}:{nameof(options.Defaults)}");
        services.Validate($"{root}:{nameof(options.Services)}");
        return problems.All.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems.All);
    }

    private static void ValidateNames(MeshClientOptions options, string root, Problems problems)
    {
        ValidateName(options.Namespace, $"{root}:{nameof(options.Namespace)}", problems);
        if (options.Namespace?.Contains('.') == true)
        {
            problems.Add($"{root}:{nameof(options.Namespace)}", $"'{options.Namespace}' has more than one label");
        }

        ValidateName(options.ClusterDomain, $"{root}:{nameof(options.ClusterDomain)}", problems);
        for (int i = 0; i < options.Domains.Count; i++)
        {
            ValidateName(options.Domains[i], $"{root}:{nameof(options.Domains)}:{i}", problems);
        }
    }

    private static void ValidateName(string? name, string path, Problems problems)
    {
        if (DnsNames.Problem(name) is { } problem)
        {
            problems.Add(path, $"'{name}' {problem}");
        }
    }

    internal static void ValidateControlPlane(MeshControlPlaneOptions options, string path, Problems problems)
    {
        if (options.Address is { } address
            && !(address.IsAbsoluteUri && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)))
        {
            problems.Add(
                $"{path}:{nameof(options.Address)}", $"'{ControlPlaneAddress.Text(address)}' is no absolute http or https address");
        }
    }
}
