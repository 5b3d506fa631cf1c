using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>
/// Reads the section into options: sets what is written there, leaves the rest as code set it, and collects every unknown key and
/// malformed value with its path. Rules about values that could be read are <see cref="OptionsValidator"/>'s.
/// </summary>
internal static class OptionsReader
{
    /// <summary>Other packages' settings, so that one section serves a client and a server.</summary>
    public static readonly string[] OtherPackages =
        ["Server", "Authority", "Registry", "Injector", "ControlPlaneLimits", "Kubernetes", "Xds", "Status"];

    public static void Read(IConfigurationSection section, MeshClientOptions options) =>
        new SectionCursor(section, options.ReadErrors).ReadInto(options, ReadClient);

    private static void ReadClient(SectionCursor at, MeshClientOptions options)
    {
        at.Leave(OtherPackages);
        if (at.Text(nameof(options.Namespace)) is { } ns)
        {
            options.Namespace = ns;
        }

        options.ClusterDomain = at.Text(nameof(options.ClusterDomain)) ?? options.ClusterDomain;
        if (at.Texts(nameof(options.Domains)) is { } domains)
        {
            options.Domains.Clear();
            domains.ForEach(options.Domains.Add);
        }

        at.Child(nameof(options.ControlPlane), options.ControlPlane, ReadOwnControlPlane);
        at.Child(nameof(options.Linkerd), options.Linkerd, ReadLinkerd);
        at.Child(nameof(options.Identity), options.Identity, ReadIdentity);
        at.Child(nameof(options.Telemetry), options.Telemetry, ReadTelemetry);
        options.UnknownServices = at.Choice<UnknownServices>(nameof(options.UnknownServices)) ?? options.UnknownServices;
        at.Child(nameof(options.Defaults), options.Defaults, ReadPolicy);
        foreach (SectionCursor entry in at.Entries(nameof(options.Services)))
        {
            options.Services[entry.Key] = entry.ReadInto(options.Services.GetOrNew(entry.Key), ReadService);
        }
    }

    private static void ReadOwnControlPlane(SectionCursor at, MeshControlPlaneOptions options)
    {
        ReadControlPlane(at, options);
        options.Policies = at.Flag(nameof(options.Policies)) ?? options.Policies;
    }

    private static void ReadControlPlane(SectionCursor at, MeshControlPlaneOptions options)
    {
        options.Address = at.Address(nameof(options.Address)) ?? options.Address;
        options.Identity = at.Text(nameof(options.Identity)) ?? options.Identity;
    }

    private static void ReadLinkerd(SectionCursor at, MeshLinkerdOptions options)
    {
        options.Enabled = at.Flag(nameof(options.Enabled)) ?? options.Enabled;
        options.ControlPlaneNamespace = at.Text(nameof(options.ControlPlaneNamespace)) ?? options.ControlPlaneNamespace;
        options.TrustDomain = at.Text(nameof(options.TrustDomain)) ?? options.TrustDomain;
        at.Child(nameof(options.Destination), options.Destination, ReadControlPlane);
        at.Child(nameof(options.Policy), options.Policy, ReadControlPlane);
        at.Child(nameof(options.Identity), options.Identity, ReadControlPlane);
        options.ServiceAccount = at.Text(nameof(options.ServiceAccount)) ?? options.ServiceAccount;
        options.Pod = at.Text(nameof(options.Pod)) ?? options.Pod;
        options.Node = at.Text(nameof(options.Node)) ?? options.Node;
        options.Addresses = at.Flag(nameof(options.Addresses)) ?? options.Addresses;
        options.UpgradeHttp1 = at.Flag(nameof(options.UpgradeHttp1)) ?? options.UpgradeHttp1;
    }

    private static void ReadIdentity(SectionCursor at, MeshIdentityOptions options)
    {
        if (at.Choice<MeshIdentitySource>(nameof(options.Source)) is { } source)
        {
            options.Source = source;
        }

        options.Mode = at.Choice<MeshIdentityMode>(nameof(options.Mode)) ?? options.Mode;
        options.CertificateFile = at.Text(nameof(options.CertificateFile)) ?? options.CertificateFile;
        options.PrivateKeyFile = at.Text(nameof(options.PrivateKeyFile)) ?? options.PrivateKeyFile;
        options.TrustBundle = at.Text(nameof(options.TrustBundle)) ?? options.TrustBundle;
        options.TokenFile = at.Text(nameof(options.TokenFile)) ?? options.TokenFile;
        options.Name = at.Text(nameof(options.Name)) ?? options.Name;
        options.Socket = at.Text(nameof(options.Socket)) ?? options.Socket;
    }

    private static void ReadTelemetry(SectionCursor at, MeshTelemetryOptions options)
    {
        options.LinkerdNames = at.Flag(nameof(options.LinkerdNames)) ?? options.LinkerdNames;
        options.AccessLog = at.Flag(nameof(options.AccessLog)) ?? options.AccessLog;
    }

    private static void ReadService(SectionCursor at, MeshServiceOptions options)
    {
        options.Port = at.Int(nameof(options.Port)) ?? options.Port;
        foreach (SectionCursor entry in at.Entries(nameof(options.Ports)))
        {
            if (int.TryParse(entry.Key, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && entry.Key[0] != '0')
            {
                options.Ports[port] = entry.ReadInto(options.Ports.GetOrNew(port), ReadPort);
            }
            else
            {
                entry.Error($"'{entry.Key}' is no port; write a number from 1 to 65535");
            }
        }

        options.ClusterIP = at.Text(nameof(options.ClusterIP)) ?? options.ClusterIP;
        ReadPort(at, options);
    }

    private static void ReadPort(SectionCursor at, MeshServiceOptions options)
    {
        options.Endpoints = at.List<MeshEndpointOptions>(nameof(options.Endpoints), ReadEndpoint) ?? options.Endpoints;
        ReadPolicy(at, options);
    }

    private static void ReadPolicy(SectionCursor at, MeshServiceOptions options)
    {
        options.LoadBalancing = at.Child(nameof(options.LoadBalancing), options.LoadBalancing, ReadLoadBalancing);
        options.FailureAccrual = at.Child(nameof(options.FailureAccrual), options.FailureAccrual, ReadFailureAccrual);
        options.Retry = at.Child(nameof(options.Retry), options.Retry, RetryReader.Read);
        options.Limits = at.Child(nameof(options.Limits), options.Limits, LimitReader.Read);
        options.Routes = at.ListOfSome<MeshRouteOptions>(nameof(options.Routes), RouteReader.Read) ?? options.Routes;
        options.Filters = at.List<MeshFilterOptions>(nameof(options.Filters), FilterReader.Read) ?? options.Filters;
        options.Timeouts = at.Child(nameof(options.Timeouts), options.Timeouts, TimeoutReader.Read);
        options.Hedging = at.Child(nameof(options.Hedging), options.Hedging, TimeoutReader.Read);
        options.WarmConnections = at.Flag(nameof(options.WarmConnections)) ?? options.WarmConnections;
    }

    private static void ReadEndpoint(SectionCursor at, MeshEndpointOptions options)
    {
        options.Address = at.Text(nameof(options.Address)) ?? options.Address;
        options.Weight = at.Int(nameof(options.Weight)) ?? options.Weight;
        options.Priority = at.Int(nameof(options.Priority)) ?? options.Priority;
        options.Zone = at.Text(nameof(options.Zone));
        options.HashKey = at.Text(nameof(options.HashKey));
        options.Identity = at.Text(nameof(options.Identity));
        options.ServerName = at.Text(nameof(options.ServerName));
        options.Framing = at.Choice<Framing>(nameof(options.Framing));
        options.InboundPort = at.Int(nameof(options.InboundPort));
        foreach (SectionCursor label in at.Entries(nameof(options.Labels)))
        {
            if (label.AsText() is { } text)
            {
                options.Labels[label.Key] = text;
            }
        }
    }

    private static void ReadLoadBalancing(SectionCursor at, LoadBalancingOptions options)
    {
        options.Policy = at.Text(nameof(options.Policy)) ?? options.Policy;
        options.TableSize = at.Int(nameof(options.TableSize)) ?? options.TableSize;
        options.MinRingSize = at.Int(nameof(options.MinRingSize)) ?? options.MinRingSize;
        options.MaxRingSize = at.Int(nameof(options.MaxRingSize)) ?? options.MaxRingSize;
        options.HashFunction = at.Choice<RingHashFunction>(nameof(options.HashFunction)) ?? options.HashFunction;
        options.BoundedLoad = at.Int(nameof(options.BoundedLoad)) ?? options.BoundedLoad;
        options.ChoiceCount = at.Int(nameof(options.ChoiceCount)) ?? options.ChoiceCount;
        options.ScanAll = at.Flag(nameof(options.ScanAll)) ?? options.ScanAll;
        options.EndpointKey = at.Find(nameof(options.EndpointKey)) is { } key ? ReadEndpointKey(key) : options.EndpointKey;
        options.HashOn = at.List<HashOnOptions>(nameof(options.HashOn), ReadHashOn) ?? options.HashOn;
    }

    private static MeshEndpointKey? ReadEndpointKey(SectionCursor at)
    {
        if (at.HasChildren)
        {
            string? label = at.Text("Label");
            at.Done();
            if (label is "")
            {
                at.Error("the label's name is empty");
            }

            return string.IsNullOrEmpty(label) ? null : MeshEndpointKey.FromLabel(label);
        }

        switch (at.Value?.ToUpperInvariant())
        {
            case "ADDRESS":
                return MeshEndpointKey.Address;
            case "HASHKEY":
                return MeshEndpointKey.HashKey;
            default:
                at.Error($"'{at.Value}' is unknown; choose from Address, HashKey, {{ \"Label\": \"…\" }}");
                return null;
        }
    }

    private static void ReadHashOn(SectionCursor at, HashOnOptions options)
    {
        options.Header = at.Text(nameof(options.Header));
        options.Cookie = at.Text(nameof(options.Cookie));
        options.Query = at.Text(nameof(options.Query));
        options.Path = at.Flag(nameof(options.Path)) ?? false;
        options.Terminal = at.Flag(nameof(options.Terminal)) ?? false;
    }

    private static void ReadFailureAccrual(SectionCursor at, FailureAccrualOptions options)
    {
        options.Enabled = at.Flag(nameof(options.Enabled)) ?? options.Enabled;
        options.MaxFailures = at.Int(nameof(options.MaxFailures)) ?? options.MaxFailures;
        options.MinPenalty = at.Duration(nameof(options.MinPenalty)) ?? options.MinPenalty;
        options.MaxPenalty = at.Duration(nameof(options.MaxPenalty)) ?? options.MaxPenalty;
        options.JitterRatio = at.Number(nameof(options.JitterRatio)) ?? options.JitterRatio;
    }

    private static MeshServiceOptions GetOrNew<TKey>(this IDictionary<TKey, MeshServiceOptions> entries, TKey key) =>
        entries.TryGetValue(key, out MeshServiceOptions? found) && found is not null ? found : new MeshServiceOptions();
}
