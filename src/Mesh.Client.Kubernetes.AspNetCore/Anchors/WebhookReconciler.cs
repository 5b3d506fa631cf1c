using System.Text;
using k8s.Models;
using Mesh.Client.Kubernetes.Api;
using Mesh.Client.Kubernetes.Watching;
using Mesh.Client.Model;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Kubernetes.AspNetCore.Anchors;

/// <summary>
/// Tells the API server whom to trust when it calls the injector: the anchors, as the <c>caBundle</c> of each webhook. That there is no
/// such configuration is normal.
/// </summary>
internal sealed partial class WebhookReconciler(
    ApiServer server,
    IResourceWatches watches,
    SharedAnchors shared,
    MeshKubernetesAuthorityOptions options,
    ILogger<WebhookReconciler> logger) : Reconciler(shared.Changed, server.Time, logger)
{
    private readonly ILogger _logger = logger;
    private readonly WritePace _pace = new();
    private IResourceLease<V1MutatingWebhookConfiguration>? _lease;

    protected override string Name => $"MutatingWebhookConfiguration {options.InjectorWebhook}";

    protected override IDisposable Open() => _lease = watches.Watch(
        new ResourceQuery<V1MutatingWebhookConfiguration>(
            ClusterObjects.Webhooks, "", FieldSelector: $"metadata.name={options.InjectorWebhook}"),
        shared.Changed,
        new Pulse());

    protected override async Task<DateTimeOffset?> ReconcileAsync(CancellationToken cancellationToken)
    {
        if (shared.Published is not { } plan
            || _lease!.State.Items.Values.FirstOrDefault() is not { Webhooks: { Count: > 0 } webhooks } found)
        {
            return null;
        }

        byte[] wanted = Encoding.ASCII.GetBytes(plan.Pem);
        string[] wrong = [.. webhooks
            .Where(webhook => webhook.ClientConfig?.CaBundle is not { } bundle || !bundle.AsSpan().SequenceEqual(wanted))
            .Select(webhook => webhook.Name)];
        if (wrong.Length == 0)
        {
            return null;
        }

        if (_pace.Next(Time.GetUtcNow()) is { } later)
        {
            return later;
        }

        var patch = new Dictionary<string, object>
        {
            ["metadata"] = new Dictionary<string, string> { ["resourceVersion"] = found.Metadata.ResourceVersion },
            ["webhooks"] = wrong.Select(name => new Dictionary<string, object>
            {
                ["name"] = name,
                ["clientConfig"] = new Dictionary<string, byte[]> { ["caBundle"] = wanted },
            }).ToArray(),
        };
        await server.WriteAsync<V1MutatingWebhookConfiguration>(
            ApiWrite.Merge(ClusterObjects.Webhooks.In(""), options.InjectorWebhook, ClusterObjects.Manager, patch), cancellationToken)
            .ConfigureAwait(false);
        LogTold(Name);
        return null;
    }

    [LoggerMessage(EventId = 11, EventName = "WebhookToldAnchors", Level = LogLevel.Information,
        Message = "{Name} has the anchors as its caBundle.")]
    private partial void LogTold(string name);
}
