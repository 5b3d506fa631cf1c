using Mesh.Client.Discovery.Configuration;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Kubernetes.Setup;

/// <summary>The mesh's namespace where nobody said it: the pod's own, else that of the kubeconfig's context.</summary>
internal sealed class NamespaceDefault(LinkerdEnvironment pod, IOptionsFactory<MeshKubernetesOptions> kubernetes)
    : IPostConfigureOptions<MeshClientOptions>
{
    private readonly Lazy<string?> _context = new(() => OfContext(kubernetes));

    public void PostConfigure(string? name, MeshClientOptions options)
    {
        if (!options.HasNamespace && (pod.ReadNamespace() ?? _context.Value) is { } ns)
        {
            options.Namespace = ns;
        }
    }

    private static string? OfContext(IOptionsFactory<MeshKubernetesOptions> kubernetes)
    {
        try
        {
            return kubernetes.Create(Options.DefaultName).Access?.Namespace is { Length: > 0 } ns ? ns : null;
        }
        catch (OptionsValidationException)
        {
            // Told at the start, by themselves.
            return null;
        }
    }
}
