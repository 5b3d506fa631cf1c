namespace Mesh.Client.Telemetry;

/// <summary>What an application's own balancer did wrong.</summary>
internal enum BalancerFault
{
    /// <summary>It could not be made.</summary>
    NotMade,

    /// <summary>It threw.</summary>
    Threw,

    /// <summary>It picked an index that no endpoint has.</summary>
    OutOfRange,

    /// <summary>It picked an endpoint that may not be picked.</summary>
    Unavailable,
}
