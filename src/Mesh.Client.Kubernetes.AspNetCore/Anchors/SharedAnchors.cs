using Mesh.Client.Identity;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.AspNetCore.Anchors;

/// <summary>What those who look after issuer, anchors and webhook tell each other.</summary>
internal sealed class SharedAnchors
{
    private TrustBundle? _issuer;
    private AnchorPlan? _published;

    /// <summary>Signalled when something here, or in the cluster, has changed.</summary>
    public Pulse Changed { get; } = new();

    /// <summary>The anchors of the issuer that is there, whether or not it signs already; null: not known.</summary>
    public TrustBundle? OfIssuer
    {
        get => Volatile.Read(ref _issuer);
        set
        {
            if (!Equals(_issuer, value))
            {
                Volatile.Write(ref _issuer, value);
                Changed.Signal();
            }
        }
    }

    /// <summary>What the control plane's own ConfigMap says; null: not known.</summary>
    public AnchorPlan? Published
    {
        get => Volatile.Read(ref _published);
        set
        {
            if (_published?.Text != value?.Text)
            {
                Volatile.Write(ref _published, value);
                Changed.Signal();
            }
        }
    }
}
