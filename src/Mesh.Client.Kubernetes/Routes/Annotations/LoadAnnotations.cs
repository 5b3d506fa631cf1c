using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.Routes.Annotations;

/// <summary><c>balancer.alpha.linkerd.io/penalize-failures</c> and what belongs to it.</summary>
internal static class LoadAnnotations
{
    private const string Prefix = "balancer.alpha.linkerd.io/";

    /// <summary>Null: failures cost nothing, as without annotations.</summary>
    public static EwmaPolicy? Read(ObjectAnnotations annotations)
    {
        if (annotations.Value(Prefix + "penalize-failures", Switch, "true or false") is not true)
        {
            return null;
        }

        EwmaPenalty builtIn = EwmaPenalty.Default;
        return EwmaPolicy.Default with
        {
            Penalty = new EwmaPenalty(
                annotations.Duration(Prefix + "load-biaser-penalty") ?? builtIn.Latency,
                annotations.Duration(Prefix + "load-biaser-max-retry-after") ?? builtIn.MaxRetryAfter),
        };
    }

    // As Go's ParseBool.
    private static bool? Switch(string text) => text switch
    {
        "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        _ => null,
    };
}
