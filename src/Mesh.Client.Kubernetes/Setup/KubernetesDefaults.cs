using k8s;
using k8s.Exceptions;
using k8s.KubeConfigModels;
using Mesh.Client.Discovery.Configuration;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Kubernetes.Setup;

/// <summary>Fills what nobody said with what the pod knows of itself, and finds the way to the API server.</summary>
internal sealed class KubernetesDefaults(LinkerdEnvironment pod) : IPostConfigureOptions<MeshKubernetesOptions>
{
    public const string ZoneVariable = "NODE_ZONE";

    private const string KubeConfigVariable = "KUBECONFIG";

    public void PostConfigure(string? name, MeshKubernetesOptions options)
    {
        options.Node ??= pod.Read(LinkerdEnvironment.Node);
        options.Zone ??= pod.Read(ZoneVariable);
        if (!options.Enabled)
        {
            return;
        }

        try
        {
            options.Access = options.Configuration ?? Find(options);
        }
        catch (Exception exception) when (exception is KubeConfigException or IOException or UnauthorizedAccessException
            or YamlDotNet.Core.YamlException or FormatException or ArgumentException or InvalidOperationException
            or System.Security.Cryptography.CryptographicException)
        {
            options.AccessProblem = $"{options.SectionPath}: {exception.Message}";
        }
    }

    private KubernetesClientConfiguration? Find(MeshKubernetesOptions options)
    {
        string home = KubernetesClientConfiguration.KubeConfigDefaultLocation;
        string[] files = options.KubeConfig is { } file ? [file]
            : pod.Read(KubeConfigVariable)?.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } named ? named
            : !pod.IsPod && File.Exists(home) ? [home]
            : [];
        if (files.Length > 0)
        {
            return Read(files, options);
        }

        if (pod.IsPod)
        {
            return KubernetesClientConfiguration.InClusterConfig();
        }

        options.AccessProblem = $"{options.SectionPath}:{nameof(options.KubeConfig)}: missing; this is no pod (KUBERNETES_SERVICE_HOST is not "
            + $"set), {KubeConfigVariable} is not set, and there is no {home}. Set one of them, or "
            + $"{options.SectionPath}:{nameof(options.Enabled)} to false";
        return null;
    }
    // Of several files the first that knows the context: its cluster and user are there with it.
    private static KubernetesClientConfiguration Read(string[] files, MeshKubernetesOptions options)
    {
        K8SConfiguration[] read = [.. files.Select(file => KubernetesClientConfiguration.LoadKubeConfig(new FileInfo(file)))];
        string? context = options.Context ?? read.Select(file => file.CurrentContext).FirstOrDefault(name => !string.IsNullOrEmpty(name));
        K8SConfiguration chosen = read.FirstOrDefault(file => file.Contexts?.Any(known => known.Name == context) == true) ?? read[0];
        return KubernetesClientConfiguration.BuildConfigFromConfigObject(chosen, context);
    }
}
