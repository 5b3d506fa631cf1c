namespace Mesh.Client.Telemetry.Metering;

/// <summary>A call that has a place where what is metered of its like is kept, so that it need not be looked up.</summary>
internal interface IMeteredCall
{
    /// <summary>Whether it is one of those: not where it reached no backend.</summary>
    bool HasPlace { get; }

    /// <summary>The same place for all calls of one service, route and backend.</summary>
    ref MeteredTraffic? Traffic { get; }
}
