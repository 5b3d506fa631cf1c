using System.Reflection;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Identity;
using Mesh.Client.Telemetry;
using Mesh.Client.Telemetry.Status;
using Mesh.Client.Telemetry.Traffic;
using Microsoft.Extensions.Hosting;

namespace Mesh.Client.Runtime.StatusReading;

/// <summary>Reads the status of the mesh of this process, or of one service. Nothing is kept: each reading is of its moment.</summary>
/// <param name="runtime">Null where the application is a control plane or a server alone.</param>
internal sealed class StatusReader(
    TrafficRecorder traffic,
    MeshConfiguration configuration,
    CredentialStore credentials,
    TimeProvider time,
    ControlPlanes controlPlanes,
    MeshMetrics metrics,
    MeshRuntime? runtime = null,
    IHostEnvironment? environment = null)
{
    /// <summary>Services of an overview at most; the rest is reached by name.</summary>
    public const int MaxServices = 200;

    private readonly ServiceStatusReader _services = new(traffic);
    private readonly SaidSettingsReader _said = new();
    private readonly ProcessStatus _process = new(
        environment?.ApplicationName ?? AppDomain.CurrentDomain.FriendlyName, Environment.MachineName, Version(), traffic.Since);

    /// <summary>All services, without their endpoints.</summary>
    public MeshStatus Read()
    {
        ServiceRuntime[] running = Running();
        HashSet<string> names = [.. running.Select(service => service.Name.Authority)];
        traffic.Keep(names.Contains);
        ServiceStatus[] services = _services.Read([.. Foremost(running)]);
        return Read(services, traffic.Failures.Latest) with { ServicesOmitted = running.Length - services.Length };
    }

    // Of very many those that are in trouble, then those that are called most.
    private IEnumerable<ServiceRuntime> Foremost(ServiceRuntime[] running) => running.Length <= MaxServices
        ? running
        : running
            .OrderByDescending(service => service.Health.InPanic || service.Snapshot.Set.Problem is not null)
            .ThenByDescending(service => Array.Exists(service.Snapshot.Endpoints, endpoint => endpoint.State != "available"))
            .ThenByDescending(service => traffic.Recent(new TrafficKey(service.Name.Authority)))
            .Take(MaxServices)
            .OrderBy(service => service.Name.Authority, StringComparer.Ordinal);

    /// <summary>One service with its endpoints, the most troubled first, then those of the largest share.</summary>
    /// <param name="name">As a caller writes it, with or without its port.</param>
    /// <param name="offset">Endpoints to leave out at the beginning.</param>
    /// <param name="limit">Endpoints at most.</param>
    /// <returns>Null: there is none of this name.</returns>
    public MeshStatus? Read(string name, int offset, int limit)
    {
        if (Find(name) is not { } service)
        {
            return null;
        }

        FailedCallStatus[] failures = [.. traffic.Failures.Latest.Where(call => call.Service == service.Name.Authority)];
        return Read([_services.Read(service, offset, limit)], failures);
    }

    /// <summary>What control planes say of the services that are in use, as settings. The same list until that changes.</summary>
    public IReadOnlyList<SaidSetting> ReadSaid() => _said.Read(configuration.Names, Running());

    /// <summary>The canonical name and port of a service; null: there is none of this name.</summary>
    /// <param name="name">As a caller writes it, with or without its port.</param>
    public string? NameOf(string name) => Find(name)?.Name.Authority;

    /// <summary>The names of the services that there are.</summary>
    public IEnumerable<string> Names() => Running().Select(service => service.Name.Authority);

    private MeshStatus Read(IReadOnlyList<ServiceStatus> services, IReadOnlyList<FailedCallStatus> failures) => new()
    {
        At = time.GetUtcNow(),
        Process = _process,
        Services = services,
        Failures = failures,
        Identity = IdentityStatusReader.Read(credentials, configuration.Current.Identity, metrics),
        ControlPlanes = ControlPlaneStatusReader.Read(controlPlanes.Streams),
        Configuration = new ConfigurationStatus(configuration.RefusedReloads, Redacted.Text(configuration.Problem), [], 0),
    };

    private ServiceRuntime[] Running()
    {
        ServiceRuntime[] running = runtime?.Services() ?? [];
        Array.Sort(running, static (a, b) => string.CompareOrdinal(a.Name.Authority, b.Name.Authority));
        return running;
    }

    private ServiceRuntime? Find(string name)
    {
        int colon = name.LastIndexOf(':');
        string? host = ServiceNames.Canonical(colon < 0 ? name : name[..colon], configuration.Current);
        return Array.Find(Running(), service =>
            service.Name.Authority == name
            || (service.Name.Host == host && (colon < 0 || service.Name.Authority.AsSpan().EndsWith(name.AsSpan(colon)))));
    }

    /// <summary>The library's, without the build.</summary>
    public static string Version()
    {
        Assembly own = typeof(StatusReader).Assembly;
        string version = own.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        int build = version.IndexOf('+', StringComparison.Ordinal);
        return build < 0 ? version : version[..build];
    }
}
