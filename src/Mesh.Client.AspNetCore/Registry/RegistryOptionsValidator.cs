using Mesh.Client.AspNetCore.Authorization;
using Mesh.Client.Discovery.Configuration;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.Registry;

/// <summary>Every rule about the options, whether code or configuration set them.</summary>
internal sealed class RegistryOptionsValidator(IOptions<MeshClientOptions> mesh) : IValidateOptions<MeshRegistryOptions>
{
    public ValidateOptionsResult Validate(string? name, MeshRegistryOptions options)
    {
        List<string> problems = [.. options.ReadErrors];
        Func<string, string?> canonical = Canonical();
        Dictionary<string, string> paths = new(StringComparer.Ordinal);
        foreach ((string service, MeshRegistryServiceOptions rule) in options.Services)
        {
            string path = $"{options.SectionPath}:{nameof(options.Services)}:{service}";
            if (DnsNames.Problem(service) is not null || DnsNames.IsAddress(service))
            {
                problems.Add($"{path}: '{service}' is no name of a service, such as catalog or catalog.shop");
            }
            else if (canonical(service) is { } host && !paths.TryAdd(host, path))
            {
                problems.Add($"{path}: the same service as {paths[host]}, {host}; write its identities once");
            }

            if (rule.Identities.Count == 0)
            {
                problems.Add($"{path}:{nameof(rule.Identities)}: empty; write \"*\" for any verified identity");
            }

            problems.AddRange(rule.Identities.Where(identity => !IsName(identity)).Select(identity =>
                $"{path}:{nameof(rule.Identities)}: '{identity}' is no identity of a peer: a DNS name, a URI, *.suffix or *"));
        }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    /// <summary>The options that complete a name have a validator of their own; where that refuses them it has said so.</summary>
    private Func<string, string?> Canonical()
    {
        try
        {
            MeshClientOptions options = mesh.Value;
            return service => ServiceNames.Canonical(service, options);
        }
        catch (OptionsValidationException)
        {
            return static _ => null;
        }
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
