namespace Mesh.Client.Runtime;

/// <summary>What of Linkerd's is done with requests beside what discovery says of endpoints. Off unless Linkerd is a source.</summary>
internal sealed record LinkerdTraffic
{
    public static readonly LinkerdTraffic Off = new();

    /// <summary>Whether <c>l5d-*</c> headers of requests are read: who must answer, and what a route lets them change.</summary>
    public bool ReadsHeaders { get; init; }

    /// <summary>Whether HTTP/1.1 goes as HTTP/2 to endpoints whose proxies take that (<c>l5d-orig-proto</c>).</summary>
    public bool UpgradesHttp1 { get; init; }

    public static LinkerdTraffic Of(MeshLinkerdOptions options) =>
        options.Enabled ? new() { ReadsHeaders = true, UpgradesHttp1 = options.UpgradeHttp1 } : Off;
}
