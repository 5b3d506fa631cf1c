using Grpc.Core;
using Quickstart.Protocol;

namespace Quickstart;

/// <summary>A workload with a certificate of its own, but not one that the catalog serves.</summary>
internal static class IntruderStep
{
    public static async Task RunAsync(Report report, ControlPlane controlPlane)
    {
        Report.Section($"Refused: {Identities.Intruder}");
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        ClientHost.Configure(builder, controlPlane, Identities.Intruder);
        using IHost host = builder.Build();
        await host.StartAsync();
        string http = "served", grpc = "served";
        try
        {
            await host.Services.GetRequiredService<CatalogClient>().GetItemAsync(Tour.Key(0));
        }
        catch (HttpRequestException e)
        {
            http = $"{(int?)e.StatusCode} {e.StatusCode}";
        }

        try
        {
            await host.Services.GetRequiredService<Catalog.CatalogClient>().GetItemAsync(new ItemRequest { Key = Tour.Key(0) });
        }
        catch (RpcException e)
        {
            grpc = $"{(int)e.StatusCode} {e.StatusCode}";
        }

        report.Check("HTTP: another identity", http, http == "403 Forbidden");
        report.Check("gRPC: another identity", grpc, grpc == "7 PermissionDenied");
        await host.StopAsync();
    }
}
