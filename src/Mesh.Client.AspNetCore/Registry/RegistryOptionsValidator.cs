using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.Registry;

/// <summary>Reports what the section got wrong.</summary>
internal sealed class RegistryOptionsValidator : IValidateOptions<MeshRegistryOptions>
{
    public ValidateOptionsResult Validate(string? name, MeshRegistryOptions options) =>
        options.ReadErrors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(options.ReadErrors);
}
