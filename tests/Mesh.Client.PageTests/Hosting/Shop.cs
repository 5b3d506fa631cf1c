using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.PageTests.Hosting;

/// <summary>
/// A small shop: a control plane with an authority, instances of three services with identities, and the front end <c>web</c>, which calls
/// them and has the status page. All are real servers on ports of this machine.
/// </summary>
internal sealed class Shop : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly WebApplication _controlPlane;
    private readonly WebApplication _web;
    private readonly Instance[] _all;
    private readonly Uri _status;
    private int _called;

    private Shop(DirectoryInfo folder, WebApplication controlPlane, WebApplication web, Instance[] all)
    {
        _folder = folder;
        _controlPlane = controlPlane;
        _web = web;
        _all = all;
        _status = new Uri(new Uri(web.Urls.Single()), "/mesh");
    }

    /// <summary>Of the overview.</summary>
    public Uri Status => _status;

    public Uri StatusOf(string service) => new(Status, $"/mesh/services/{service}");

    /// <summary>Instances of the catalog: a Maglev table of four by the header <c>x-user-id</c>.</summary>
    public Instance[] Catalog => _all[..4];

    /// <summary>The other side of the catalog's split.</summary>
    public Instance Canary => _all[4];

    /// <summary>Two instances by peak EWMA, no retries.</summary>
    public Instance[] Payments => _all[5..7];

    public static async Task<Shop> StartAsync(params (string Key, string Value)[] settings)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("mesh-page-");
        WebApplication controlPlane = await ShopServers.StartControlPlaneAsync(folder.FullName);
        Dictionary<string, string?> known = ShopServers.Identity(new Uri(controlPlane.Urls.Single()), folder.FullName);
        Instance[] all = await Task.WhenAll(
            [.. Enumerable.Range(0, 4).Select(_ => Instance.StartAsync("catalog", known)),
            Instance.StartAsync("catalog-canary", known),
            .. Enumerable.Range(0, 2).Select(_ => Instance.StartAsync("payments", known))]);
        var web = new Dictionary<string, string?>(known)
        {
            ["Identity:Name"] = ShopServers.NameOf("web"),
            ["Services:catalog:LoadBalancing:Policy"] = "Maglev",
            ["Services:catalog:LoadBalancing:EndpointKey"] = "HashKey",
            ["Services:catalog:LoadBalancing:HashOn:0:Header"] = "x-user-id",
            ["Services:catalog:Routes:0:Name"] = "items",
            ["Services:catalog:Routes:0:Match:Path:Prefix"] = "/items",
            ["Services:catalog:Routes:0:Backends:0:Service"] = "catalog",
            ["Services:catalog:Routes:0:Backends:0:Weight"] = "90",
            ["Services:catalog:Routes:0:Backends:1:Service"] = "catalog-canary",
            ["Services:catalog:Routes:0:Backends:1:Weight"] = "10",
            ["Services:payments:Retry:MaxRetries"] = "0",
        };
        string[] services = ["catalog", "catalog", "catalog", "catalog", "catalog-canary", "payments", "payments"];
        for (int i = 0, place = 0; i < all.Length; i++, place++)
        {
            place = i > 0 && services[i] != services[i - 1] ? 0 : place;
            string endpoint = $"Services:{services[i]}:Endpoints:{place.ToString(CultureInfo.InvariantCulture)}";
            web[$"{endpoint}:Address"] = all[i].Address;
            web[$"{endpoint}:HashKey"] = $"{services[i]}-{place.ToString(CultureInfo.InvariantCulture)}";
            web[$"{endpoint}:Identity"] = ShopServers.NameOf(services[i]);
            web[$"{endpoint}:Zone"] = $"hall-{(char)('a' + (i % 3))}";
        }

        foreach ((string key, string value) in settings)
        {
            web[key] = value;
        }

        return new Shop(folder, controlPlane, await ShopServers.StartWebAsync(web), all);
    }

    /// <summary>Items of the catalog for users one after another; answers that are no success are counted by the page.</summary>
    public async Task CallCatalogAsync(int times)
    {
        for (int i = 0; i < times; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://catalog/items/{i % 50}");
            request.Headers.Add("x-user-id", $"user-{Interlocked.Increment(ref _called)}");
            await SendAsync(request);
        }
    }

    /// <summary>Charges: not safe to repeat.</summary>
    public async Task CallPaymentsAsync(int times)
    {
        for (int i = 0; i < times; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "http://payments/charges?card=4111");
            await SendAsync(request);
        }
    }

    /// <summary>Traffic of both kinds for a time, and a few calls at least.</summary>
    public async Task WorkAsync(TimeSpan time)
    {
        long start = TimeProvider.System.GetTimestamp();
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (int round = 0; round < 3 || TimeProvider.System.GetElapsedTime(start) < time; round++)
        {
            // More and less by turns, as traffic is.
            int swing = (int)(10 + (6 * Math.Sin(round / 9.0)) + (round % 4));
            await Task.WhenAll(CallCatalogAsync(swing), CallCatalogAsync(swing), CallPaymentsAsync(swing / 3));
            await pace.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The front end ends, and the status page with it.</summary>
    public Task StopWebAsync() => _web.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        foreach (Instance instance in _all)
        {
            await instance.DisposeAsync();
        }

        await _controlPlane.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task SendAsync(HttpRequestMessage request)
    {
        HttpClient client = _web.Services.GetRequiredService<IHttpClientFactory>().CreateClient(ShopServers.Client);
        try
        {
            using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        }
        catch (MeshException)
        {
            // What the page is to tell of.
        }
    }
}
