using System.Text;
using k8s.Models;

namespace Mesh.Client.InteropTests.Cluster;

/// <summary>A container's environment, as kubelet makes it of the pod's spec.</summary>
internal static class PodEnvironment
{
    public static Dictionary<string, string> Of(V1Pod pod, V1Container container, string address, (string Host, int Port) server)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["KUBERNETES_SERVICE_HOST"] = server.Host,
            ["KUBERNETES_SERVICE_PORT"] = $"{server.Port}",
            ["HOSTNAME"] = pod.Metadata.Name,
        };
        foreach (V1EnvVar variable in container.Env ?? [])
        {
            all[variable.Name] = variable.ValueFrom switch
            {
                null => Expand(variable.Value ?? "", all),
                { FieldRef.FieldPath: { } path } => Field(pod, path, address),
                _ => throw new NotSupportedException($"The variable {variable.Name} comes from what this kubelet does not know."),
            };
        }

        return all;
    }

    public static string Field(V1Pod pod, string path, string address) => path switch
    {
        "metadata.name" => pod.Metadata.Name,
        "metadata.namespace" => pod.Metadata.NamespaceProperty,
        "metadata.uid" => pod.Metadata.Uid,
        "spec.nodeName" => pod.Spec.NodeName,
        "spec.serviceAccountName" => pod.Spec.ServiceAccountName,
        "status.podIP" => address,
        _ when path.StartsWith("metadata.labels['", StringComparison.Ordinal) =>
            pod.Metadata.Labels?.TryGetValue(path["metadata.labels['".Length..^2], out string? value) == true ? value : "",
        _ => throw new NotSupportedException($"The downward API's field {path} is not known to this kubelet."),
    };

    // $(NAME) of what stands before; $$ is one of them; what is not known stays as it is.
    private static string Expand(string value, Dictionary<string, string> known)
    {
        var text = new StringBuilder();
        for (int i = 0; i < value.Length; i++)
        {
            int end = value[i] == '$' && i + 1 < value.Length && value[i + 1] == '(' ? value.IndexOf(')', i) : -1;
            if (end > 0 && known.TryGetValue(value[(i + 2)..end], out string? found))
            {
                text.Append(found);
                i = end;
            }
            else
            {
                text.Append(value[i]);
                i += value[i] == '$' && i + 1 < value.Length && value[i + 1] == '$' ? 1 : 0;
            }
        }

        return text.ToString();
    }
}
