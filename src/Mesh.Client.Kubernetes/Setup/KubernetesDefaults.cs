using k8s;
using k8s.Exceptions;
using k8s.KubeConfigModels;
using Mesh.Client.Discovery.Configuration;
using Microsoft.Extensions.Options;
using YamlDotNet.Core;

namespace Mesh.Client.Kubernetes.Setup;

/// <summary>
/// Fills what nobody said with what the pod knows of itself, and finds the way to the API server: once for the same file and context,
/// however often options are made, for a user's credentials may come from a program that is run for them.
/// </summary>
/// <param name="pod">What it knows.</param>
/// <param name="home">The user's own kubeconfig file, which may be there.</param>
internal sealed class KubernetesDefaults(LinkerdEnvironment pod, string home) : IPostConfigureOptions<MeshKubernetesOptions>
{
    public const string ZoneVariable = "NODE_ZONE";

    private const string PodAuthorities = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt";
    private const string KubeConfigVariable = "KUBECONFIG";

    private readonly Lock _lock = new();
    private (string? KubeConfig, string? Context) _key;
    private (KubernetesClientConfiguration? Access, string? Authorities) _found;

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
            (options.Access, options.Authorities) = options.Configuration is { } own ? (own, null) : FindOnce(options);
        }
        catch (Exception exception)
        {
            // Whatever the library throws at a file that is none.
            options.AccessProblem = $"{options.SectionPath}: the Kubernetes configuration could not be read: {Reason(exception)}";
        }
    }

    private (KubernetesClientConfiguration? Access, string? Authorities) FindOnce(MeshKubernetesOptions options)
    {
        lock (_lock)
        {
            if (_found.Access is null || _key != (options.KubeConfig, options.Context))
            {
                (_found, _key) = (Find(options), (options.KubeConfig, options.Context));
            }

            return _found;
        }
    }

    private (KubernetesClientConfiguration? Access, string? Authorities) Find(MeshKubernetesOptions options)
    {
        string[] named = pod.Read(KubeConfigVariable)?.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries) ?? [];
        string[] files = options.KubeConfig is { } file ? [file]
            : named.Length > 0 ? named
            : !pod.IsPod && File.Exists(home) ? [home]
            : [];
        if (files.Length > 0)
        {
            return Read(files, options);
        }

        if (pod.IsPod)
        {
            return (KubernetesClientConfiguration.InClusterConfig(), PodAuthorities);
        }

        options.AccessProblem = $"{options.SectionPath}:{nameof(options.KubeConfig)}: missing; this is no pod (KUBERNETES_SERVICE_HOST is "
            + $"not set), {KubeConfigVariable} is not set, and there is no {home}. Set one of them, or "
            + $"{options.SectionPath}:{nameof(options.Enabled)} to false";
        return (null, null);
    }

    // The rest may quote what the file holds, which is secret.
    private static string Reason(Exception exception) => exception switch
    {
        KubeConfigException or IOException or UnauthorizedAccessException => exception.Message,
        YamlException { Start: var at } => $"it is no YAML at line {at.Line}, column {at.Column}",
        _ => exception.GetType().Name,
    };

    // Of several files the first that knows the context: its cluster and user are there with it.
    private static (KubernetesClientConfiguration, string?) Read(string[] files, MeshKubernetesOptions options)
    {
        K8SConfiguration[] read = [.. files.Select(file => KubernetesClientConfiguration.LoadKubeConfig(new FileInfo(file)))];
        string? context = options.Context ?? read.Select(file => file.CurrentContext).FirstOrDefault(name => !string.IsNullOrEmpty(name));
        K8SConfiguration chosen = read.FirstOrDefault(file => file.Contexts?.Any(known => known.Name == context) == true) ?? read[0];
        KubernetesClientConfiguration access = KubernetesClientConfiguration.BuildConfigFromConfigObject(chosen, context);
        string? cluster = chosen.Contexts?.FirstOrDefault(known => known.Name == context)?.ContextDetails?.Cluster;
        ClusterEndpoint? endpoint = chosen.Clusters?.FirstOrDefault(known => known.Name == cluster)?.ClusterEndpoint;
        return (access, endpoint is { CertificateAuthority: { Length: > 0 } path, CertificateAuthorityData: null or "" }
            ? Path.Combine(Path.GetDirectoryName(chosen.FileName) ?? "", path)
            : null);
    }
}
