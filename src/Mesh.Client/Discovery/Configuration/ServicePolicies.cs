using System.Collections.Immutable;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Configuration;

/// <summary>Makes a service's policy from the sections that apply to it, setting by setting. Expects valid options.</summary>
internal static class ServicePolicies
{
    public static ServicePolicy Of(ServiceNames names, ServiceName service)
    {
        var layers = new Layers<MeshServiceOptions>(names.Layers(service));
        RetryPolicy retry = Shared(RetryPolicy.Default, RetryPolicies.Of(layers.Group(layer => layer.Retry)));
        return Shared(ServicePolicy.Default, new ServicePolicy
        {
            LoadBalancing = Shared(LoadBalancingPolicy.Default, LoadBalancing(layers.Group(layer => layer.LoadBalancing))),
            FailureAccrual = Shared(FailureAccrualPolicy.Default, FailureAccrual(layers.Group(layer => layer.FailureAccrual))),
            Retry = retry,
            Limits = LimitPolicies.Of(layers.Group(layer => layer.Limits)),
            Endpoints = names.EndpointsOf(service),
            WarmConnections = layers.Value(layer => layer.WarmConnections, ServicePolicy.Default.WarmConnections),
            Routing = new RoutingPolicies(names, service, layers, retry).Make(),
        });
    }

    // Most services have what is built in: one object for all of them.
    private static T Shared<T>(T builtIn, T read)
        where T : class => read.Equals(builtIn) ? builtIn : read;

    private static LoadBalancingPolicy LoadBalancing(Layers<LoadBalancingOptions> layers)
    {
        LoadBalancingPolicy builtIn = LoadBalancingPolicy.Default;
        ImmutableArray<HashSource> hashOn = layers.Object(o => o.HashOn) is { } given ? [.. given.Select(ToHashSource)] : builtIn.HashOn;

        // Whoever says what to hash wants a hash.
        string policy = layers.Object(o => o.Policy)
            ?? (hashOn.IsEmpty ? LoadBalancingPolicyName.PeakEwma : LoadBalancingPolicyName.Maglev);
        LoadBalancingAlgorithm algorithm = PolicyNames.AlgorithmOf(policy);
        return new LoadBalancingPolicy
        {
            Algorithm = algorithm,
            CustomName = algorithm is LoadBalancingAlgorithm.Custom ? policy : null,
            TableSize = layers.Value(o => o.TableSize, builtIn.TableSize),
            MinRingSize = layers.Value(o => o.MinRingSize, builtIn.MinRingSize),
            MaxRingSize = layers.Value(o => o.MaxRingSize, builtIn.MaxRingSize),
            HashFunction = layers.Value(o => o.HashFunction, builtIn.HashFunction),
            BoundedLoad = layers.Value(o => o.BoundedLoad, builtIn.BoundedLoad),
            ChoiceCount = layers.Value(o => o.ChoiceCount, builtIn.ChoiceCount),
            ScanAll = layers.Value(o => o.ScanAll, builtIn.ScanAll),
            EndpointKey = layers.Object(o => o.EndpointKey)?.Key ?? builtIn.EndpointKey,
            HashOn = hashOn,
        };
    }

    private static FailureAccrualPolicy FailureAccrual(Layers<FailureAccrualOptions> layers)
    {
        FailureAccrualPolicy builtIn = FailureAccrualPolicy.Default;
        return !layers.Value(o => o.Enabled, true) ? FailureAccrualPolicy.Off : new FailureAccrualPolicy
        {
            MaxFailures = layers.Value(o => o.MaxFailures, builtIn.MaxFailures),
            MinPenalty = layers.Value(o => o.MinPenalty, builtIn.MinPenalty),
            MaxPenalty = layers.Value(o => o.MaxPenalty, builtIn.MaxPenalty),
            JitterRatio = layers.Value(o => o.JitterRatio, builtIn.JitterRatio),
        };
    }

    private static HashSource ToHashSource(HashOnOptions on) => on switch
    {
        { Header: { } header } => new HashSource(HashSourceKind.Header, header, on.Terminal),
        { Cookie: { } cookie } => new HashSource(HashSourceKind.Cookie, cookie, on.Terminal),
        { Query: { } query } => new HashSource(HashSourceKind.Query, query, on.Terminal),
        _ => new HashSource(HashSourceKind.Path, "", on.Terminal),
    };
}
