using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mesh.Client.AspNetCore.Injector;

/// <summary>Takes <see cref="InjectedDefaults"/> over. Goes before the section, which may say the same.</summary>
internal sealed class InjectorDefaults(IServiceProvider services) : IConfigureOptions<MeshInjectorOptions>
{
    private static readonly MeshInjectorOptions BuiltIn = new();

    /// <summary>Null where there is no such authority, or where its own options are refused, which they say themselves.</summary>
    public static InjectedDefaults? Of(IServiceProvider services)
    {
        try
        {
            return services.GetService<InjectedDefaults>();
        }
        catch (OptionsValidationException)
        {
            return null;
        }
    }

    public void Configure(MeshInjectorOptions options)
    {
        if (Of(services) is not { } defaults)
        {
            return;
        }

        // What code has said before stays.
        options.IdentityTemplate = Unless(options.IdentityTemplate, BuiltIn.IdentityTemplate, defaults.IdentityTemplate);
        options.TokenAudience = Unless(options.TokenAudience, BuiltIn.TokenAudience, defaults.TokenAudience);
        options.TrustBundleConfigMap = Unless(options.TrustBundleConfigMap, BuiltIn.TrustBundleConfigMap, defaults.TrustBundleConfigMap);
    }

    private static string Unless(string said, string builtIn, InjectedDefault other) => said == builtIn ? other.Value : said;
}
