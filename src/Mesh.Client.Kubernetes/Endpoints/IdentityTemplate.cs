using k8s.Models;

namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>Names with <c>{serviceaccount}</c> and <c>{namespace}</c> in them, which are a pod's own.</summary>
internal static class IdentityTemplate
{
    private const string ServiceAccount = "{serviceaccount}";
    private const string Namespace = "{namespace}";

    /// <summary>
    /// Whether the name is that of the pod's own service account: both are in it, each as a whole label or segment, so that no text around
    /// them makes another's name of it.
    /// </summary>
    public static bool FollowsFromPod(string template) => IsPart(template, ServiceAccount) && IsPart(template, Namespace);

    /// <summary>Null: it needs a service account, and there is no pod to know it of.</summary>
    /// <param name="template">As it was written.</param>
    /// <param name="ns">Of the object that says it.</param>
    /// <param name="pod">Null: not known.</param>
    public static string? Fill(string template, string? ns, V1Pod? pod)
    {
        string name = template.Replace(Namespace, pod?.Metadata?.NamespaceProperty ?? ns, StringComparison.OrdinalIgnoreCase);
        if (!name.Contains(ServiceAccount, StringComparison.OrdinalIgnoreCase))
        {
            return name;
        }

        return pod is null ? null : name.Replace(ServiceAccount, AccountOf(pod), StringComparison.OrdinalIgnoreCase);
    }

    public static string AccountOf(V1Pod pod) => pod.Spec?.ServiceAccountName is { Length: > 0 } given ? given : "default";

    private static bool IsPart(string template, string placeholder)
    {
        int at = template.IndexOf(placeholder, StringComparison.OrdinalIgnoreCase);
        int end = at + placeholder.Length;
        return at >= 0
            && (at == 0 || template[at - 1] is '.' or '/')
            && (end == template.Length || template[end] is '.' or '/');
    }
}
