using System.Text;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Balancing;

/// <summary>A mesh whose service <c>catalog</c> is balanced as JSON says, and instances that hold calls until told to end.</summary>
internal sealed class PolicyMesh : IAsyncDisposable
{
    private readonly TaskCompletionSource _release = new();

    private PolicyMesh(int size) => Backends = new Backend[size];

    /// <summary>In the order of the endpoints in configuration.</summary>
    public Backend[] Backends { get; }

    public MeshHost Host { get; private set; } = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="loadBalancing">The section <c>LoadBalancing</c>.</param>
    /// <param name="endpoints">What each endpoint has beside its address, such as <c>"Weight": 2</c>.</param>
    /// <param name="frozen">Whether time stands still, so that latencies are all alike.</param>
    /// <param name="configure">Adds to the mesh.</param>
    public static async Task<PolicyMesh> StartAsync(
        string loadBalancing, string[] endpoints, bool frozen = false, Action<IMeshClientBuilder>? configure = null)
    {
        var mesh = new PolicyMesh(endpoints.Length);
        for (int i = 0; i < endpoints.Length; i++)
        {
            mesh.Backends[i] = await Backend.StartAsync(mesh.AnswerAsync);
        }

        string list = string.Join(", ", endpoints.Select((more, i) =>
            $$"""{ "Address": "{{mesh.Backends[i].Address}}"{{(more.Length > 0 ? ", " + more : "")}} }"""));
        mesh.Host = await MeshHost.StartAsync(
            Settings($$"""{ "Services": { "catalog": { "LoadBalancing": {{loadBalancing}}, "Endpoints": [ {{list}} ] } } }"""),
            services => configure?.Invoke(services.AddMeshClient(_ => { })),
            frozen ? new RecordingClock() : null);
        await Eventually.TrueAsync(() => mesh.Host.Service().Snapshot.Endpoints.Length == endpoints.Length);
        return mesh;
    }

    /// <summary>JSON below <c>Mesh</c> as settings.</summary>
    public static MeshSettings Settings(string json) =>
    [
        .. new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build().AsEnumerable()
            .Where(setting => setting.Value is not null).Select(setting => (setting.Key, setting.Value)),
    ];

    /// <summary>A call of its own.</summary>
    /// <param name="user">Goes into the header <c>x-user</c>.</param>
    public async Task<MeshAttempt> GetAsync(string? user = null)
    {
        using HttpResponseMessage response = await SendAsync(user, hold: false);
        Assert.Equal(StatusCodes.Status200OK, (int)response.StatusCode);
        return response.GetMeshCallInfo()!.Attempts[^1];
    }

    /// <summary>Begins a call that its instance does not answer before <see cref="Release"/>, and waits until it is there.</summary>
    public async Task<Task<HttpResponseMessage>> HoldAsync(string? user = null)
    {
        int before = Backends.Sum(backend => backend.Hits);
        Task<HttpResponseMessage> call = SendAsync(user, hold: true);
        await Eventually.TrueAsync(() => Backends.Sum(backend => backend.Hits) > before);
        return call;
    }

    /// <summary>Holds calls at one instance, whatever the policy.</summary>
    public async Task<Task<HttpResponseMessage>[]> HoldAtAsync(int backend, int calls)
    {
        string key = Host.KeyOf(Backends[backend].Address);
        int before = Backends[backend].Hits;
        Task<HttpResponseMessage>[] held = [.. Enumerable.Range(0, calls).Select(_ => SendAsync(null, hold: true, key))];
        await Eventually.TrueAsync(() => Backends[backend].Hits == before + calls);
        return held;
    }

    /// <summary>Lets calls that are held end.</summary>
    public void Release() => _release.TrySetResult();

    /// <summary>How many of so many calls, one after the other, each instance got.</summary>
    public async Task<(int[] Hits, PickReason[] Reasons)> CountAsync(int calls)
    {
        int[] before = [.. Backends.Select(backend => backend.Hits)];
        HashSet<PickReason> reasons = [];
        for (int i = 0; i < calls; i++)
        {
            reasons.Add((await GetAsync()).Reason);
        }

        return ([.. Backends.Select((backend, i) => backend.Hits - before[i])], [.. reasons]);
    }

    public async ValueTask DisposeAsync()
    {
        Release();
        await Host.DisposeAsync();
        foreach (Backend backend in Backends)
        {
            await backend.DisposeAsync();
        }
    }

    private async Task<HttpResponseMessage> SendAsync(string? user, bool hold, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, hold ? "/hold" : "/");
        if (user is not null)
        {
            request.Headers.Add("x-user", user);
        }

        if (key is not null)
        {
            request.SetMeshHashKey(key);
        }

        return await Host.Client().SendAsync(request, Cancellation);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == "/hold")
        {
            await _release.Task;
        }

        await context.Response.WriteAsync("ok");
    }
}
