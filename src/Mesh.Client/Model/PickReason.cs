namespace Mesh.Client;

/// <summary>Why an endpoint was picked for an attempt.</summary>
public enum PickReason
{
    /// <summary>The first endpoint of the key's own sequence (Maglev or ring).</summary>
    Hash,

    /// <summary>A later endpoint of the key's sequence: those before it are unavailable or were tried.</summary>
    HashFailover,

    /// <summary>The next in turn.</summary>
    RoundRobin,

    /// <summary>The least loaded of those compared, by latency and pending calls or by pending calls alone.</summary>
    LeastLoad,

    /// <summary>It is shut by failure accrual, but so few others are left that ejections are ignored.</summary>
    Panic,

    /// <summary>Another than the key's own endpoint, which has more than its share of the calls under way.</summary>
    BoundedLoad,

    /// <summary>Drawn at random.</summary>
    Random,

    /// <summary>The application's own balancer took it; <see cref="MeshAttempt.ReasonText"/> has its words.</summary>
    Custom,
}
