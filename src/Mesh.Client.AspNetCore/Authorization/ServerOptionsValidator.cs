using Mesh.Client.AspNetCore.SelfRegistration;
using Mesh.Client.Discovery.Configuration;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.Authorization;

/// <summary>Every rule about the options, whether code or configuration set them.</summary>
internal sealed class ServerOptionsValidator : IValidateOptions<MeshServerOptions>
{
    public ValidateOptionsResult Validate(string? name, MeshServerOptions options)
    {
        List<string> problems = [.. options.ReadErrors];
        if (!Enum.IsDefined(options.InboundPolicy))
        {
            problems.Add($"{options.SectionPath}:{nameof(options.InboundPolicy)}: {(int)options.InboundPolicy} is unknown");
        }

        if (options.DeadlineHeader is { } header && !HttpTokens.IsToken(header))
        {
            problems.Add($"{options.SectionPath}:{nameof(options.DeadlineHeader)}: '{header}' is no name of a header");
        }

        RegistrationRules.Validate(options, problems);
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
