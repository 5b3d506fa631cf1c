using System.Collections.Immutable;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>
/// Makes a service's policy, setting by setting: the service's own sections, what its source says, the defaults of configuration, what is
/// built in. Expects valid options.
/// </summary>
internal static class ServicePolicies
{
    /// <param name="names">Configuration.</param>
    /// <param name="service">Whose policy.</param>
    /// <param name="said">What the source of its endpoints says of how it is called; null: nothing.</param>
    public static ServicePolicy Of(ServiceNames names, ServiceName service, TrafficPolicy? said)
    {
        Layers<MeshServiceOptions> layers = names.Layers(service);
        RetryPolicy retry = Shared(RetryPolicy.Default, RetryPolicies.Of(layers.Group(layer => layer.Retry), said?.Retry));
        return Shared(ServicePolicy.Default, new ServicePolicy
        {
            LoadBalancing = Shared(LoadBalancingPolicy.Default, LoadBalancing(layers.Group(layer => layer.LoadBalancing), said)),
            FailureAccrual = Shared(
                FailureAccrualPolicy.Default, FailureAccrual(layers.Group(layer => layer.FailureAccrual), said?.FailureAccrual)),
            Retry = retry,
            Wait = said?.Wait ?? WaitPolicy.Default,
            Limits = LimitPolicies.Of(layers.Group(layer => layer.Limits)),
            Endpoints = names.EndpointsOf(service),
            WarmConnections = layers.Value(layer => layer.WarmConnections, ServicePolicy.Default.WarmConnections),
            Routing = new RoutingPolicies(names, service, layers, retry, said?.Routing).Make(),
        });
    }

    /// <summary>How the service's endpoints are picked, as far as anybody says it.</summary>
    public static LoadBalancingSettings SaidOf(ServiceNames names, ServiceName service, LoadBalancingSettings? said) =>
        Said(names.Layers(service).Group(layer => layer.LoadBalancing), said);

    // Most services have what is built in: one object for all of them.
    private static T Shared<T>(T builtIn, T read)
        where T : class => read.Equals(builtIn) ? builtIn : read;

    private static LoadBalancingPolicy LoadBalancing(Layers<LoadBalancingOptions> layers, TrafficPolicy? traffic)
    {
        LoadBalancingPolicy builtIn = LoadBalancingPolicy.Default;
        LoadBalancingSettings said = Said(layers, traffic?.LoadBalancing);
        ImmutableArray<HashSource> hashOn = said.HashOn ?? builtIn.HashOn;

        // Whoever says what to hash wants a hash.
        string policy = said.Policy ?? (hashOn.IsEmpty ? LoadBalancingPolicyName.PeakEwma : LoadBalancingPolicyName.Maglev);
        LoadBalancingAlgorithm algorithm = PolicyNames.AlgorithmOf(policy);
        return new LoadBalancingPolicy
        {
            Algorithm = algorithm,
            CustomName = algorithm is LoadBalancingAlgorithm.Custom ? policy : null,
            TableSize = layers.Value(o => o.TableSize, builtIn.TableSize),
            MinRingSize = layers.Value(o => o.MinRingSize, builtIn.MinRingSize),
            MaxRingSize = layers.Value(o => o.MaxRingSize, builtIn.MaxRingSize),
            HashFunction = layers.Value(o => o.HashFunction, builtIn.HashFunction),
            BoundedLoad = said.BoundedLoad ?? builtIn.BoundedLoad,
            ChoiceCount = layers.Value(o => o.ChoiceCount, builtIn.ChoiceCount),
            ScanAll = layers.Value(o => o.ScanAll, builtIn.ScanAll),
            EndpointKey = said.EndpointKey ?? builtIn.EndpointKey,
            HashOn = hashOn,
            Ewma = traffic?.Ewma ?? builtIn.Ewma,
        };
    }

    private static LoadBalancingSettings Said(Layers<LoadBalancingOptions> layers, LoadBalancingSettings? said)
    {
        // A source that says what to hash has said a policy too: those that are for every service do not stand in its way.
        string? policy = said?.Policy ?? (said?.HashOn is { IsEmpty: false } ? LoadBalancingPolicyName.Maglev : null);
        return new LoadBalancingSettings
        {
            Policy = layers.Beside(policy).Object(o => o.Policy) ?? policy,
            HashOn = layers.Beside(said?.HashOn).Object(o => o.HashOn) is { } given ? [.. given.Select(ToHashSource)] : said?.HashOn,
            BoundedLoad = layers.Beside(said?.BoundedLoad).Nullable(o => o.BoundedLoad) ?? said?.BoundedLoad,
            EndpointKey = layers.Beside(said?.EndpointKey).Object(o => o.EndpointKey)?.Key ?? said?.EndpointKey,
        };
    }

    private static FailureAccrualPolicy FailureAccrual(Layers<FailureAccrualOptions> layers, FailureAccrualPolicy? said)
    {
        // A source that knows of none says nothing of how it would be. Whoever writes a number wants it.
        bool saidOff = said == FailureAccrualPolicy.Off;
        bool enabled = saidOff ? layers.Own.Value(o => o.Enabled, layers.HasOwn) : layers.Beside(said).Value(o => o.Enabled, true);
        FailureAccrualPolicy builtIn = saidOff || said is null ? FailureAccrualPolicy.Default : said;
        layers = layers.Beside(saidOff ? null : said);
        FailureAccrualPolicy read = builtIn with
        {
            MaxFailures = layers.Value(o => o.MaxFailures, builtIn.MaxFailures),
            MinPenalty = layers.Value(o => o.MinPenalty, builtIn.MinPenalty),
            MaxPenalty = layers.Value(o => o.MaxPenalty, builtIn.MaxPenalty),
            JitterRatio = layers.Value(o => o.JitterRatio, builtIn.JitterRatio),
        };

        // Half of a range from here and half from there may be none: what is written in configuration holds.
        return !enabled ? FailureAccrualPolicy.Off
            : read.MinPenalty <= read.MaxPenalty ? read
            : layers.Value(o => o.MaxPenalty, TimeSpan.Zero) > TimeSpan.Zero ? read with { MinPenalty = read.MaxPenalty }
            : read with { MaxPenalty = read.MinPenalty };
    }

    private static HashSource ToHashSource(HashOnOptions on) => on switch
    {
        { Header: { } header } => new HashSource(HashSourceKind.Header, header, on.Terminal),
        { Cookie: { } cookie } => new HashSource(HashSourceKind.Cookie, cookie, on.Terminal),
        { Query: { } query } => new HashSource(HashSourceKind.Query, query, on.Terminal),
        _ => new HashSource(HashSourceKind.Path, "", on.Terminal),
    };
}
