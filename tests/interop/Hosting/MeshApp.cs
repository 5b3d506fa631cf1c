using k8s;
using Mesh.Client.Kubernetes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.InteropTests.Hosting;

/// <summary>An application as anybody writes it: the mesh, Kubernetes as its source, and an HttpClient.</summary>
internal sealed class MeshApp : IAsyncDisposable
{
    private readonly IHost _host;

    private MeshApp(IHost host)
    {
        _host = host;
        Client = host.Services.GetRequiredService<IHttpClientFactory>().CreateClient("mesh");
    }

    public HttpClient Client { get; }

    public IMeshChannelFactory Channels => _host.Services.GetRequiredService<IMeshChannelFactory>();

    /// <param name="ns">Where it says that it runs.</param>
    /// <param name="access">Null: as <c>KUBECONFIG</c> says.</param>
    /// <param name="kubernetes">Further settings of the source.</param>
    /// <param name="identity">Its own; null: it has none.</param>
    public static async Task<MeshApp> StartAsync(
        string ns,
        KubernetesClientConfiguration? access = null,
        Action<MeshKubernetesOptions>? kubernetes = null,
        Action<MeshIdentityOptions>? identity = null)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole();
        builder.Services.AddMeshClient(options =>
        {
            options.Namespace = ns;
            identity?.Invoke(options.Identity);

            // By latency an endpoint whose first call was slow would wait long for its second: the tests want to see each.
            options.Defaults.LoadBalancing = new LoadBalancingOptions { Policy = "RoundRobin" };
        }).AddKubernetes(options =>
        {
            options.Configuration = access;
            kubernetes?.Invoke(options);
        });
        builder.Services.AddHttpClient("mesh").UseMesh();
        IHost host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new MeshApp(host);
    }

    /// <summary>Calls so many times; who answered how often, by name, or by status where it is no success.</summary>
    public async Task<Dictionary<string, int>> AskAsync(string uri, int times, Action<HttpRequestMessage>? prepare = null)
    {
        var answers = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < times; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            prepare?.Invoke(request);
            using HttpResponseMessage response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
            string answer = response.IsSuccessStatusCode
                ? await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)
                : $"{(int)response.StatusCode}";
            answers[answer] = answers.GetValueOrDefault(answer) + 1;
        }

        return answers;
    }

    /// <summary>Waits for the first answer, on a machine that may have much else to do.</summary>
    public Task ReadyAsync(string uri, Version? version = null) => FunctionalTests.Hosting.Eventually.TrueAsync(async () =>
    {
        try
        {
            await AskAsync(uri, 1, request => request.Version = version ?? request.Version);
            return true;
        }
        catch (MeshException exception) when (exception.Reason is MeshFailure.DiscoveryUnavailable or MeshFailure.NoEndpoint)
        {
            return false;
        }
    });

    /// <summary>Waits until exactly these answer.</summary>
    /// <returns>How long that took.</returns>
    public async Task<TimeSpan> OnlyAsync(string uri, params string[] names)
    {
        long started = TimeProvider.System.GetTimestamp();
        await ReadyAsync(uri);
        string seen = "";
        try
        {
            await FunctionalTests.Hosting.Eventually.TrueAsync(async () =>
            {
                seen = string.Join(' ', (await AskAsync(uri, 10 * names.Length)).Keys.Order(StringComparer.Ordinal));
                return seen == string.Join(' ', names.Order(StringComparer.Ordinal));
            });
        }
        catch (OperationCanceledException)
        {
            Assert.Equal(string.Join(' ', names), seen);
        }

        return TimeProvider.System.GetElapsedTime(started);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
