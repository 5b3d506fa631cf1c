using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Runtime;

/// <summary>Replaces a client's primary handler by the mesh when all else is configured, whatever the order of calls was.</summary>
internal sealed partial class MeshHandlerFilter(IOptionsMonitor<MeshHttpClientOptions> options, ILogger<MeshHandlerFilter> logger)
    : IHttpMessageHandlerBuilderFilter
{
    private readonly ConcurrentDictionary<string, bool> _warned = new();

    public Action<HttpMessageHandlerBuilder> Configure(Action<HttpMessageHandlerBuilder> next) => builder =>
    {
        next(builder);
        if (options.Get(builder.Name).Scope is not { } scope)
        {
            return;
        }

        MeshRuntime runtime = builder.Services.GetService<MeshRuntime>()
            ?? throw new InvalidOperationException(
                $"HttpClient '{builder.Name}' calls UseMesh, but the mesh is not there: call services.AddMeshClient(…).");
        builder.PrimaryHandler = new MeshHandler(runtime, scope, builder.PrimaryHandler);
        Warn(builder);
    };

    private void Warn(HttpMessageHandlerBuilder builder)
    {
        string client = builder.Name ?? string.Empty;
        foreach (DelegatingHandler handler in builder.AdditionalHandlers)
        {
            (string What, string Remedy)? problem = ProblemOf(handler);
            if (problem is { } found && _warned.TryAdd($"{client}\n{found.What}", true))
            {
                Log.HandlerAbove(logger, client, found.What, found.Remedy);
            }
        }
    }

    // By name: the packages are no dependencies of ours.
    private static (string What, string Remedy)? ProblemOf(DelegatingHandler handler) => handler.GetType().FullName switch
    {
        "Microsoft.Extensions.Http.Resilience.ResilienceHandler" or "Microsoft.Extensions.Http.Resilience.Internal.ResilienceHandler" =>
            ("a resilience handler, which multiplies the mesh's retries and repeats POST", "RemoveAllResilienceHandlers()"),
        "Microsoft.Extensions.ServiceDiscovery.Http.ResolvingHttpDelegatingHandler" =>
            ("a service-discovery handler, which replaces the name by one address before the mesh sees it",
             "ConfigureAdditionalHttpMessageHandlers((handlers, _) => handlers.Clear())"),
        _ => null,
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "HttpClient '{Client}' has {What} above the mesh. Remove it: .{Remedy}")]
        public static partial void HandlerAbove(ILogger logger, string client, string what, string remedy);
    }
}
