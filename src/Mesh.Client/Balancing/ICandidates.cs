namespace Mesh.Client.Balancing;

/// <summary>What a balancer may ask of the endpoints of one pick. Indices are those of the snapshot, sorted by hash key.</summary>
internal interface ICandidates
{
    int Count { get; }

    /// <summary>When the pick is made: a timestamp of the clock of the loads.</summary>
    long Now { get; }

    /// <summary>Whether this endpoint is available and was not tried by this call.</summary>
    bool CanPick(int index);

    /// <summary>The endpoint's live load, shared by all snapshots that it is in.</summary>
    EndpointLoad Load(int index);
}
