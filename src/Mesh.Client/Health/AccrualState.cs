namespace Mesh.Client.Health;

/// <summary>Where an endpoint stands in failure accrual.</summary>
internal enum AccrualState
{
    /// <summary>Any call may go to it.</summary>
    Open,

    /// <summary>No call may go to it until its penalty is over.</summary>
    Shut,

    /// <summary>One call may go to it, and decides.</summary>
    Probation,

    /// <summary>That call is under way.</summary>
    Probing,
}
