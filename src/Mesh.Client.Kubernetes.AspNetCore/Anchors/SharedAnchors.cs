using Mesh.Client.Identity;
using Mesh.Client.Model;

namespace Mesh.Client.Kubernetes.AspNetCore.Anchors;

/// <summary>What those who look after issuer, anchors and webhook tell each other.</summary>
internal sealed class SharedAnchors
{
    private TrustBundle? _issuer;
    private AnchorPlan? _published;
    private bool _isRecorded;

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

    /// <summary>
    /// Whether <see cref="Published"/> is in the control plane's own ConfigMap: all replicas go by it. Else it is this process's own.
    /// </summary>
    public bool IsRecorded
    {
        get => Volatile.Read(ref _isRecorded);
        set
        {
            if (_isRecorded != value)
            {
                Volatile.Write(ref _isRecorded, value);
                Changed.Signal();
            }
        }
    }

    /// <summary>What workloads are to trust; null: not known.</summary>
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
