using System.Collections.Immutable;
using System.Globalization;
using Google.Protobuf.Collections;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;

namespace Mesh.Client.Discovery.Destination;

/// <summary>
/// How a service's endpoints are picked, as labels of a whole set of endpoints: neither the Destination API nor Linkerd's policies have a
/// field for it. To others these are labels like any.
/// </summary>
internal static class LoadBalancingLabels
{
    private const string Place = "add.metric_labels.";

    public static bool IsOne(string label) => label is
        DestinationLabels.LoadBalancing or DestinationLabels.HashOn or DestinationLabels.BoundedLoad or DestinationLabels.EndpointKey;

    public static void Write(LoadBalancingSettings? settings, MapField<string, string> labels)
    {
        Set(DestinationLabels.LoadBalancing, settings?.Policy);
        Set(DestinationLabels.HashOn, settings?.HashOn is { IsEmpty: false } hashOn ? LoadBalancingTexts.Write(hashOn) : null);
        Set(DestinationLabels.BoundedLoad, settings?.BoundedLoad?.ToString(CultureInfo.InvariantCulture));
        Set(DestinationLabels.EndpointKey, settings?.EndpointKey is { } key ? LoadBalancingTexts.Write(key) : null);

        void Set(string label, string? text)
        {
            if (text is not null)
            {
                labels[label] = text;
            }
        }
    }

    /// <summary>False where one of them makes no sense, which is reported: nothing of them holds then.</summary>
    /// <param name="labels">Of a set.</param>
    /// <param name="policies">What a policy may be named.</param>
    /// <param name="report">Told of each that makes no sense.</param>
    /// <param name="settings">Null: nothing is said.</param>
    public static bool TryRead(
        MapField<string, string> labels, PolicyNames policies, Action<BadInput> report, out LoadBalancingSettings? settings)
    {
        var read = new LoadBalancingSettings();
        bool isGood = true;
        string? problem;
        if (labels.TryGetValue(DestinationLabels.LoadBalancing, out string? policy))
        {
            read = read with { Policy = policy };
            Check(DestinationLabels.LoadBalancing, policies.Problem(policy));
        }

        if (labels.TryGetValue(DestinationLabels.HashOn, out string? list))
        {
            LoadBalancingTexts.TryReadHashOn(list, out ImmutableArray<HashSource> hashOn, out problem);
            read = read with { HashOn = hashOn };
            Check(DestinationLabels.HashOn, problem);
        }

        if (labels.TryGetValue(DestinationLabels.BoundedLoad, out string? percent))
        {
            LoadBalancingTexts.TryReadBoundedLoad(percent, out int bound, out problem);
            read = read with { BoundedLoad = bound };
            Check(DestinationLabels.BoundedLoad, problem);
        }

        if (labels.TryGetValue(DestinationLabels.EndpointKey, out string? text))
        {
            LoadBalancingTexts.TryReadEndpointKey(text, out EndpointKey? key, out problem);
            read = read with { EndpointKey = key };
            Check(DestinationLabels.EndpointKey, problem);
        }

        settings = isGood && read is not { Policy: null, HashOn: null, BoundedLoad: null, EndpointKey: null } ? read : null;
        return isGood;

        void Check(string label, string? problem)
        {
            if (problem is not null)
            {
                isGood = false;
                report(new(Place + label, $"{Place}{label}: {RpcReason.Clean(problem)}"));
            }
        }
    }
}
