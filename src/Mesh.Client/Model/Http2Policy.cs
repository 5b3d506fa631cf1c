namespace Mesh.Client.Model;

/// <summary>What a control plane asks of HTTP/2 connections to an endpoint; null: what is built in.</summary>
/// <param name="StreamWindow">The first receive window of a stream, in bytes.</param>
/// <param name="PingInterval">Of keep-alive pings.</param>
/// <param name="PingTimeout">How long a ping's answer may take.</param>
/// <param name="PingWhileIdle">Also while no stream is open.</param>
internal sealed record Http2Policy(
    int? StreamWindow = null, TimeSpan? PingInterval = null, TimeSpan? PingTimeout = null, bool PingWhileIdle = false);
