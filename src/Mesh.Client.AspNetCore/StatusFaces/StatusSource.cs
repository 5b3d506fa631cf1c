using Mesh.Client.AspNetCore.Authorization;
using Mesh.Client.Runtime.StatusReading;
using Mesh.Client.Telemetry.Status;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.AspNetCore.StatusFaces;

/// <summary>The status of the client's side, the server's, and the configuration, put together.</summary>
internal sealed class StatusSource
{
    private readonly StatusReader _reader;
    private readonly InboundStatusReader _inbound;
    private readonly ServedStatusReader _served;
    private readonly SettingsReader _settings;
    private readonly InboundPolicy? _policy;

    /// <param name="services">The application's.</param>
    /// <param name="policy">Whom the status lets in, as code says where it is mapped; null: code says nothing there.</param>
    public StatusSource(IServiceProvider services, string? policy)
    {
        _reader = services.GetRequiredService<StatusReader>();
        _inbound = new InboundStatusReader(services);
        _served = new ServedStatusReader(services);
        _policy = services.GetService<InboundPolicy>();
        _settings = new SettingsReader(
            SettingsPlaces.Of(services, policy),
            SettingsPlaces.MeshSections(services),
            services.GetService<IConfiguration>() as IConfigurationRoot,
            _reader.ReadSaid);
    }

    public MeshStatus Read() => Complete(_reader.Read());

    public MeshStatus? Read(string name, int offset, int limit) =>
        _reader.Read(name, offset, limit) is { } status ? Complete(status) : null;

    /// <summary>The canonical name and port of a service; null: there is none of this name.</summary>
    public string? NameOf(string name) => _reader.NameOf(name);

    public IEnumerable<string> Names() => _reader.Names();

    /// <summary>For those who follow it, as JSON; null: there is no such service.</summary>
    public byte[]? Read(StatusQuery query) =>
        (query.Service is { } name ? Read(name, query.Offset, query.Limit) : Read()) is { } status ? StatusJson.Write(status) : null;

    /// <summary>Reads the settings that are in force now; those of a change that is refused later are not.</summary>
    public void ReadSettings() => _settings.Read(out _);

    private static ServiceStatus Shown(ServiceStatus service) => service with
    {
        Endpoints = service.Endpoints is null ? null : [.. service.Endpoints.Select(endpoint => Shown(service, endpoint))],
        Routes = [.. service.Routes.Select(route => route with
        {
            Match = Secrets.ShowMatch(route.Match),
            Filters = [.. route.Filters.Select(Secrets.ShowFilter)],
        })],
    };

    // A label is what its owner likes, and a hash key may be one.
    private static EndpointStatus Shown(ServiceStatus service, EndpointStatus endpoint) => endpoint with
    {
        HashKey = Secrets.Show(
            service.Balancing.EndpointKey?.Replace("label ", "", StringComparison.Ordinal) ?? "HashKey", endpoint.HashKey),
        Labels = endpoint.Labels.Count == 0
            ? endpoint.Labels
            : endpoint.Labels.ToDictionary(label => label.Key, label => Secrets.Show(label.Key, label.Value)),
    };

    private MeshStatus Complete(MeshStatus status) => status with
    {
        Services = [.. status.Services.Select(Shown)],
        Inbound = _inbound.Read(),
        Served = _served.Read(),
        Configuration = Complete(status.Configuration),
    };

    // The client's settings and the server's are refused each by themselves.
    private ConfigurationStatus Complete(ConfigurationStatus client)
    {
        string?[] problems = [client.Problem, Redacted.Text(_policy?.Problem)];
        string problem = string.Join('\n', problems.Where(problem => problem is not null));
        return new ConfigurationStatus(
            client.RefusedReloads + (_policy?.RefusedReloads ?? 0),
            problem.Length == 0 ? null : Secrets.ShowProblem(problem),
            _settings.Read(out int omitted),
            omitted);
    }
}
