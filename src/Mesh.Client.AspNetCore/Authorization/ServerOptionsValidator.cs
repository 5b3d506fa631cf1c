using Mesh.Client.AspNetCore.SelfRegistration;
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

        RegistrationRules.Validate(options, problems);
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
