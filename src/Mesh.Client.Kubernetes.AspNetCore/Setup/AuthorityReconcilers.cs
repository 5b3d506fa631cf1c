using Mesh.Client.AspNetCore;
using Mesh.Client.AspNetCore.Authority;
using Mesh.Client.Kubernetes.Api;
using Mesh.Client.Kubernetes.AspNetCore.Anchors;
using Mesh.Client.Kubernetes.AspNetCore.Issuing;
using Mesh.Client.Kubernetes.Watching;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Kubernetes.AspNetCore.Setup;

/// <summary>Runs those who look after the cluster, where it is enabled.</summary>
internal sealed class AuthorityReconcilers(IServiceProvider services) : IHostedService, IDisposable
{
    private Reconciler[] _all = [];

    /// <summary>How often each of them has looked: for tests.</summary>
    public int[] Passes => [.. _all.Select(one => one.Passes)];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        MeshKubernetesAuthorityOptions options = AuthorityServices.Options(services);
        _all = options.Enabled ? [.. Create(options)] : [];
        return Task.WhenAll(_all.Select(one => one.StartAsync(cancellationToken)));
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(_all.Select(one => one.StopAsync(cancellationToken)));

    public void Dispose() => Array.ForEach(_all, one => one.Dispose());

    private IEnumerable<Reconciler> Create(MeshKubernetesAuthorityOptions options)
    {
        string ns = AuthorityServices.NamespaceOf(services);
        ApiServer server = services.GetRequiredService<ApiServer>();
        IResourceWatches watches = services.GetRequiredService<IResourceWatches>();
        MeshAuthority authority = services.GetRequiredService<MeshAuthority>();
        SharedAnchors shared = services.GetRequiredService<SharedAnchors>();
        yield return new IssuerReconciler(
            server,
            watches,
            authority,
            shared,
            options,
            services.GetRequiredService<IOptions<MeshAuthorityOptions>>().Value,
            ns,
            services.GetRequiredService<ILogger<IssuerReconciler>>());
        yield return new TrustBundleReconciler(
            server,
            watches,
            authority,
            shared,
            options,
            ns,
            services.GetRequiredService<ILogger<TrustBundleReconciler>>());
        if (options.InjectorWebhook.Length > 0)
        {
            yield return new WebhookReconciler(
                server,
                watches,
                shared,
                options,
                services.GetRequiredService<IOptions<MeshInjectorOptions>>().Value,
                ns,
                services.GetRequiredService<ILogger<WebhookReconciler>>());
        }
    }
}
