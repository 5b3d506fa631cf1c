namespace Mesh.Client.Resilience;

/// <summary>What it takes to send a request's content a second time.</summary>
internal enum ReplayMode
{
    /// <summary>Nothing: there is none, or it gives the same bytes each time.</summary>
    AsIs,

    /// <summary>A copy of what was sent: it may give its bytes only once.</summary>
    Copy,

    /// <summary>It cannot be sent again once its sending began: a stream of messages that the caller is still writing.</summary>
    Once,
}
