using Mesh.Client.AspNetCore.Authorization;
using Mesh.Client.Discovery.Configuration;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.Registry;

/// <summary>Every rule about the options, whether code or configuration set them.</summary>
internal sealed class RegistryOptionsValidator : IValidateOptions<MeshRegistryOptions>
{
    public ValidateOptionsResult Validate(string? name, MeshRegistryOptions options)
    {
        List<string> problems = [.. options.ReadErrors];
        foreach ((string service, MeshRegistryServiceOptions rule) in options.Services)
        {
            string path = $"{options.SectionPath}:{nameof(options.Services)}:{service}";
            if (DnsNames.Problem(service) is not null || DnsNames.IsAddress(service))
            {
                problems.Add($"{path}: '{service}' is no name of a service, such as catalog or catalog.shop");
            }

            problems.AddRange(rule.Identities.Where(identity => !IsName(identity)).Select(identity =>
                $"{path}:{nameof(rule.Identities)}: '{identity}' is no identity of a peer: a DNS name, a URI, *.suffix or *"));
        }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static bool IsName(string identity)
    {
        try
        {
            PeerNames.Parse([identity]);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
