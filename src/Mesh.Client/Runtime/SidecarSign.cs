using System.Net;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Runtime;

/// <summary>
/// Looks once, in the background, for a Linkerd proxy beside this process: its variables are not in our container, but its admin port is
/// in our network. It would take our TLS for somebody else's and wrap it again.
/// </summary>
internal sealed partial class SidecarSign(MeshConfiguration configuration, SidecarAddress sidecar, ILogger<SidecarSign> logger)
    : IHostedService, IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (configuration.Current.Linkerd.Enabled)
        {
            _ = Detached.Run(() => Task.Run(LookAsync, CancellationToken.None));
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _stop.CancelAsync();

    public void Dispose() => _stop.Dispose();

    private async Task LookAsync()
    {
        try
        {
            using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
            using var client = new HttpClient(handler) { Timeout = Limit };
            using HttpResponseMessage response = await client.GetAsync(sidecar.Live, _stop.Token).ConfigureAwait(false);
            if (response.StatusCode is HttpStatusCode.OK)
            {
                LogFound(sidecar.Live);
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or ObjectDisposedException)
        {
            // Nobody there: as it should be.
        }
    }

    [LoggerMessage(EventId = 1, EventName = "SidecarFound", Level = LogLevel.Warning,
        Message = "A Linkerd proxy seems to run in this pod ({Address} answers). It intercepts the connections that this process secures "
            + "itself, and what arrives is wrapped twice. Annotate the pod with linkerd.io/inject: disabled, or leave the ports that this "
            + "process calls out of the proxy with config.linkerd.io/skip-outbound-ports.")]
    private partial void LogFound(Uri address);
}
