using System.Net;
using System.Net.Sockets;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>The rules for services, their ports, and the defaults.</summary>
internal sealed class ServiceRules(MeshClientOptions options, PolicyNames policies, Problems problems)
{
    private const string NoPrefix = "only in a route: it replaces what the route's prefix match took";

    private readonly RouteRules _routes = new(options, problems);
    private readonly Dictionary<IPAddress, string> _addresses = [];

    public void ValidateDefaults(string path)
    {
        MeshServiceOptions defaults = options.Defaults;
        problems.Refuse(defaults.Port is not null, $"{path}:{nameof(defaults.Port)}", "only a service has a port");
        problems.Refuse(defaults.Ports.Count > 0, $"{path}:{nameof(defaults.Ports)}", "only a service has ports");
        problems.Refuse(defaults.ClusterIP is not null, $"{path}:{nameof(defaults.ClusterIP)}", "only a service has an address");
        problems.Refuse(defaults.Endpoints is not null, $"{path}:{nameof(defaults.Endpoints)}", "only a service has endpoints");
        ValidatePolicy(path, isComplete: false, port: null, defaults);
    }

    public void Validate(string path)
    {
        foreach ((string key, MeshServiceOptions? service) in options.Services)
        {
            ValidateKey($"{path}:{key}", key);
            if (service is null)
            {
                problems.Add($"{path}:{key}", "is null");
                continue;
            }

            ValidateService($"{path}:{key}", service);
        }

        ValidateUnique(path);
    }

    private void ValidateKey(string path, string key)
    {
        ReadOnlySpan<char> name = key.EndsWith('.') ? key.AsSpan(..^1) : key;
        if (DnsNames.Problem(name) is { } problem)
        {
            problems.Add(path, $"the service's name {problem}");
        }
        else
        {
            problems.Refuse(DnsNames.IsAddress(name), path, "an IP address is no service's name");
        }
    }

    /// <summary>Two ways of writing one name would hide each other.</summary>
    private void ValidateUnique(string path)
    {
        foreach (IGrouping<string?, string> same in options.Services.Keys.GroupBy(key => ServiceNames.Canonical(key, options)))
        {
            foreach (string key in same.Key is null ? [] : same.Skip(1))
            {
                problems.Add($"{path}:{key}", $"the same service as {path}:{same.First()}, {same.Key}");
            }
        }
    }

    private void ValidateAddress(string path, string? text)
    {
        if (text is null)
        {
            return;
        }

        if (!IPAddress.TryParse(text, out IPAddress? address)
            || (address.AddressFamily is AddressFamily.InterNetwork && address.ToString() != text))
        {
            problems.Add(path, $"'{text}' is no IP address");
        }
        else if (!_addresses.TryAdd(address, path))
        {
            problems.Add(path, $"{text} is {_addresses[address]} too");
        }
    }

    private void ValidateService(string path, MeshServiceOptions service)
    {
        problems.Range($"{path}:{nameof(service.Port)}", service.Port, 1, 65535);
        ValidateAddress($"{path}:{nameof(service.ClusterIP)}", service.ClusterIP);
        EndpointRules.Validate($"{path}:{nameof(service.Endpoints)}", service.Endpoints, problems);
        ValidatePolicy(path, isComplete: true, service.Port, service, options.Defaults);
        foreach ((int port, MeshServiceOptions? refined) in service.Ports)
        {
            ValidatePort($"{path}:{nameof(service.Ports)}:{port}", port, refined, service);
        }
    }

    private void ValidatePort(string path, int port, MeshServiceOptions? refined, MeshServiceOptions service)
    {
        problems.Range<int>(path, port, 1, 65535);
        if (refined is null)
        {
            problems.Add(path, "is null");
            return;
        }

        problems.Refuse(refined.Port is not null, $"{path}:{nameof(refined.Port)}", "a port's entry has no port of its own");
        problems.Refuse(refined.Ports.Count > 0, $"{path}:{nameof(refined.Ports)}", "a port's entry has no ports of its own");
        problems.Refuse(refined.ClusterIP is not null, $"{path}:{nameof(refined.ClusterIP)}", "a port's entry has no address of its own");
        EndpointRules.Validate($"{path}:{nameof(refined.Endpoints)}", refined.Endpoints, problems);
        ValidatePolicy(path, isComplete: true, port, refined, service, options.Defaults);
    }

    /// <param name="path">Of the section.</param>
    /// <param name="isComplete">Whether nothing more specific may complete it.</param>
    /// <param name="port">The port that it is for, where it says so.</param>
    /// <param name="layers">The section itself and those that it inherits from.</param>
    private void ValidatePolicy(string path, bool isComplete, int? port, params MeshServiceOptions[] layers)
    {
        string At(string group) => $"{path}:{group}";
        LoadBalancingRules.Validate(
            At(nameof(MeshServiceOptions.LoadBalancing)), [.. layers.Select(l => l.LoadBalancing)], policies, problems);
        FailureAccrualRules.Validate(At(nameof(MeshServiceOptions.FailureAccrual)), [.. layers.Select(l => l.FailureAccrual)], problems);
        LimitRules.Validate(At(nameof(MeshServiceOptions.Limits)), [.. layers.Select(l => l.Limits)], isComplete, problems);
        RetryRules.Validate(At(nameof(MeshServiceOptions.Retry)), [.. layers.Select(l => l.Retry)], problems);
        TimeoutRules.Validate(At(nameof(MeshServiceOptions.Timeouts)), [.. layers.Select(l => l.Timeouts)], problems);
        HedgingRules.Validate(At(nameof(MeshServiceOptions.Hedging)), [.. layers.Select(l => l.Hedging)], isComplete, problems);
        new FilterRules(options, problems).Validate(At(nameof(MeshServiceOptions.Filters)), layers[0].Filters, NoPrefix, noRedirect: null);
        _routes.Validate(At(nameof(MeshServiceOptions.Routes)), isComplete, port, layers);
    }
}
