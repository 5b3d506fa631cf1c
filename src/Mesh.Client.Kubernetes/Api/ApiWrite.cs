using System.Net.Http.Headers;
using System.Text;
using k8s;

namespace Mesh.Client.Kubernetes.Api;

/// <summary>A request that makes, changes or judges something. What it holds may be secret: nothing of it is shown.</summary>
internal sealed class ApiWrite
{
    private readonly HttpMethod _method;
    private readonly string _mediaType;
    private readonly string _body;

    private ApiWrite(ApiResource resource, string verb, HttpMethod method, string uri, string mediaType, string body) =>
        (Resource, Verb, _method, Uri, _mediaType, _body) = (resource, verb, method, uri, mediaType, body);

    public ApiResource Resource { get; }

    /// <summary>As RBAC names it.</summary>
    public string Verb { get; }

    public string Uri { get; }

    /// <summary>An object that is not there yet, or a question that is asked by making one.</summary>
    public static ApiWrite Create<T>(ApiResource resource, T item) =>
        new(resource, "create", HttpMethod.Post, resource.Uri(), "application/json", KubernetesJson.Serialize(item));

    /// <summary>The whole object anew. With a <c>resourceVersion</c> only if nobody has changed it since.</summary>
    public static ApiWrite Update<T>(ApiResource resource, string name, T item) =>
        new(resource, "update", HttpMethod.Put, Named(resource, name), "application/json", KubernetesJson.Serialize(item));

    /// <summary>
    /// Server-side apply: the fields that it has are made so, and those that this manager applied before and it lacks go.
    /// </summary>
    /// <param name="resource">The kind.</param>
    /// <param name="name">Of the object.</param>
    /// <param name="manager">Who applies.</param>
    /// <param name="item">With <c>apiVersion</c> and <c>kind</c>.</param>
    /// <param name="force">Takes fields over that others apply; else that is a conflict.</param>
    public static ApiWrite Apply<T>(ApiResource resource, string name, string manager, T item, bool force) => new(
        resource,
        "patch",
        HttpMethod.Patch,
        $"{Named(resource, name)}?fieldManager={System.Uri.EscapeDataString(manager)}&force={(force ? "true" : "false")}",
        "application/apply-patch+yaml",
        KubernetesJson.Serialize(item));

    /// <summary>A strategic merge patch: lists are merged by their items' names.</summary>
    public static ApiWrite Merge<T>(ApiResource resource, string name, string manager, T patch) => new(
        resource,
        "patch",
        HttpMethod.Patch,
        $"{Named(resource, name)}?fieldManager={System.Uri.EscapeDataString(manager)}",
        "application/strategic-merge-patch+json",
        KubernetesJson.Serialize(patch));

    public void Fill(HttpRequestMessage request)
    {
        request.Method = _method;
        request.Content = new StringContent(_body, Encoding.UTF8, new MediaTypeHeaderValue(_mediaType));
    }

    public override string ToString() => $"'{Verb}' on {Resource}";

    private static string Named(ApiResource resource, string name) => $"{resource.Uri()}/{System.Uri.EscapeDataString(name)}";
}
