using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Mesh.Client.InteropTests.Hosting;

namespace Mesh.Client.InteropTests.Cluster;

/// <summary>
/// A projected or ConfigMap volume of a pod in a directory, replaced as kubelet does: files are links into <c>..data</c>, which is a link
/// that is renamed over the last.
/// </summary>
internal sealed class PodVolume(k8s.Kubernetes api, V1Pod pod, V1Volume volume, string directory)
{
    // Of a distribution's own in every pod's access to the API server: nothing here publishes it.
    private const string AccessPrefix = "kube-api-access-";
    private const string Anchors = "kube-root-ca.crt";

    private readonly string _namespace = pod.Metadata.NamespaceProperty;
    private Dictionary<string, string> _written = [];
    private string? _token;
    private int _version;

    /// <returns>False: something that it needs is not there yet.</returns>
    public async Task<bool> WriteAsync(string address)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (V1VolumeProjection source in volume.Projected?.Sources ?? [])
        {
            if (source.ServiceAccountToken is { } token)
            {
                files[token.Path] = _token ??= await TokenAsync(token);
            }
            else if (source.ConfigMap is { } map)
            {
                bool isLeftOut = volume.Name.StartsWith(AccessPrefix, StringComparison.Ordinal) && map.Name != Anchors;
                if (!await TryAddAsync(files, map.Name, map.Items) && map.Optional != true && !isLeftOut)
                {
                    return false;
                }
            }

            foreach (V1DownwardAPIVolumeFile file in source.DownwardAPI?.Items ?? [])
            {
                files[file.Path] = PodEnvironment.Field(pod, file.FieldRef.FieldPath, address);
            }
        }

        if (volume.ConfigMap is { } whole && !await TryAddAsync(files, whole.Name, whole.Items) && whole.Optional != true)
        {
            return false;
        }

        if (files.Count != _written.Count || files.Any(file => _written.GetValueOrDefault(file.Key) != file.Value))
        {
            await ReplaceAsync(files);
        }

        return true;
    }

    private async Task<string> TokenAsync(V1ServiceAccountTokenProjection projection)
    {
        var request = new Authenticationv1TokenRequest
        {
            Spec = new V1TokenRequestSpec
            {
                Audiences = projection.Audience is { } audience ? [audience] : [],
                ExpirationSeconds = projection.ExpirationSeconds,
                BoundObjectRef = new V1BoundObjectReference
                {
                    ApiVersion = "v1",
                    Kind = "Pod",
                    Name = pod.Metadata.Name,
                    Uid = pod.Metadata.Uid,
                },
            },
        };
        return (await api.CoreV1.CreateNamespacedServiceAccountTokenAsync(request, pod.Spec.ServiceAccountName, _namespace)).Status.Token;
    }

    private async Task<bool> TryAddAsync(Dictionary<string, string> files, string name, IList<V1KeyToPath>? items)
    {
        try
        {
            V1ConfigMap map = await api.CoreV1.ReadNamespacedConfigMapAsync(name, _namespace);
            foreach ((string key, string value) in map.Data ?? new Dictionary<string, string>())
            {
                string? path = items is null ? key : items.FirstOrDefault(item => item.Key == key)?.Path;
                if (path is not null)
                {
                    files[path] = value;
                }
            }

            return items?.All(item => map.Data?.ContainsKey(item.Key) == true) != false;
        }
        catch (HttpOperationException exception) when (exception.Response.StatusCode is HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    private async Task ReplaceAsync(Dictionary<string, string> files)
    {
        string version = $"..{++_version}";
        Directory.CreateDirectory(Path.Combine(directory, version));
        foreach ((string path, string content) in files)
        {
            await File.WriteAllTextAsync(Path.Combine(directory, version, path), content);
            if (!_written.ContainsKey(path))
            {
                File.CreateSymbolicLink(Path.Combine(directory, path), Path.Combine("..data", path));
            }
        }

        string next = Path.Combine(directory, "..data_tmp");
        File.CreateSymbolicLink(next, version);
        await Command.RunAsync("mv", ["-T", next, Path.Combine(directory, "..data")]);
        _written = files;
    }
}
