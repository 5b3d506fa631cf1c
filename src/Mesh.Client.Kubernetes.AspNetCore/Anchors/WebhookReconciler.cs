using System.Text;
using k8s.Models;
using Mesh.Client.AspNetCore;
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
    MeshInjectorOptions injector,
    string ns,
    ILogger<WebhookReconciler> logger) : Reconciler(shared.Changed, server.Time, logger)
{
    private readonly ILogger _logger = logger;
    private readonly WritePace _pace = new(server.Time);
    private string? _alone;
    private IResourceLease<V1MutatingWebhookConfiguration>? _lease;

    protected override string Name => $"MutatingWebhookConfiguration {options.InjectorWebhook}";

    protected override IDisposable Open() => _lease = watches.Watch(
        new ResourceQuery<V1MutatingWebhookConfiguration>(
            ClusterObjects.Webhooks, "", FieldSelector: $"metadata.name={options.InjectorWebhook}"),
        shared.Changed,
        new Pulse());

    protected override async Task<TimeSpan?> ReconcileAsync(CancellationToken cancellationToken)
    {
        if (shared is not { IsRecorded: true, Published: { } plan }
            || _lease!.State.Items.Values.FirstOrDefault() is not { Webhooks: { Count: > 0 } webhooks } found
            || IsAnothers(found))
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

        if (_pace.Next() is { } wait)
        {
            return wait;
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
            ApiWrite.Merge(ClusterObjects.Webhooks.In(""), options.InjectorWebhook, ClusterObjects.Maker(ns), patch), cancellationToken)
            .ConfigureAwait(false);
        LogTold(Name);
        return null;
    }

    // Whom the API server is to trust says whoever serves the certificate.
    private bool IsAnothers(V1MutatingWebhookConfiguration found)
    {
        string? reason = injector.CertificateFile is not null
            ? $"{injector.SectionPath}:{nameof(injector.CertificateFile)} is set"
            : found.Metadata.Annotations?.Keys.FirstOrDefault(IsCertManagers) is { } annotation ? $"it has the annotation {annotation}"
            : found.Webhooks.FirstOrDefault(IsElsewhere) is { } webhook
                ? $"its webhook {webhook.Name} is of the namespace {webhook.ClientConfig.Service.NamespaceProperty}"
            : null;
        if (reason != _alone && reason is not null)
        {
            LogLeftAlone(Name, reason);
        }

        _alone = reason;
        return reason is not null;

        static bool IsCertManagers(string key) => key.StartsWith(ClusterObjects.CertManagerInjects, StringComparison.Ordinal);

        bool IsElsewhere(V1MutatingWebhook webhook) => webhook.ClientConfig?.Service is { } service && service.NamespaceProperty != ns;
    }

    [LoggerMessage(EventId = 11, EventName = "WebhookToldAnchors", Level = LogLevel.Information,
        Message = "{Name} has the anchors as its caBundle.")]
    private partial void LogTold(string name);

    [LoggerMessage(EventId = 12, EventName = "WebhookLeftAlone", Level = LogLevel.Information,
        Message = "{Name} keeps the caBundle that it has: {Reason}. Whoever serves its certificate has to keep it.")]
    private partial void LogLeftAlone(string name, string reason);
}
