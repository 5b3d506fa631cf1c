namespace Mesh.Client.Kubernetes.Endpoints;

/// <summary>The Linkerd mesh whose pods are known by their identities.</summary>
/// <param name="ControlPlaneNamespace">Where its control plane runs: its pods are labelled with it.</param>
/// <param name="TrustDomain">What its identities end with.</param>
internal sealed record LinkerdMesh(string ControlPlaneNamespace, string TrustDomain)
{
    /// <summary>What <c>linkerd.io/control-plane-ns</c> says of a pod: whose proxy stands before it.</summary>
    public const string Label = "linkerd.io/control-plane-ns";

    public string Identity(string serviceAccount, string ns) =>
        $"{serviceAccount}.{ns}.serviceaccount.identity.{ControlPlaneNamespace}.{TrustDomain}";
}
