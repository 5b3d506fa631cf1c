using System.Net;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.AspNetCore.Server;

/// <summary>What is logged of connections that are not served, limited by <see cref="LogLimit"/>.</summary>
internal sealed partial class ServerLog(TimeProvider time, ILogger<ServerLog> logger)
{
    private readonly LogLimit _limit = new(time);

    /// <param name="presented">The certificate's thumbprint; null for none.</param>
    public void PeerRefused(EndPoint? from, string? presented, string problem)
    {
        // Not the text: it says what time it is.
        if (_limit.Allows($"peer {Host(from)} {presented}"))
        {
            LogPeerRefused(from, problem);
        }
    }

    public void NoCredential(EndPoint? from, string? problem)
    {
        if (_limit.Allows("credential: " + problem))
        {
            LogNoCredential(from, problem);
        }
    }

    public void FramingRefused(EndPoint? from, bool isTls)
    {
        if (!_limit.Allows($"framing {Host(from)} {isTls}"))
        {
            return;
        }

        if (isTls)
        {
            LogTlsRefused(from);
        }
        else
        {
            LogPlaintextRefused(from);
        }
    }

    /// <summary>Every connection comes from a port of its own.</summary>
    private static string? Host(EndPoint? from) => (from as IPEndPoint)?.Address.ToString() ?? from?.ToString();

    [LoggerMessage(EventId = 1, EventName = "PeerRefused", Level = LogLevel.Warning,
        Message = "TLS handshake with {From} refused: {Problem}")]
    private partial void LogPeerRefused(EndPoint? from, string problem);

    [LoggerMessage(EventId = 2, EventName = "NoCredential", Level = LogLevel.Warning,
        Message = "TLS handshake with {From} failed: there is no credential to show: {Problem}")]
    private partial void LogNoCredential(EndPoint? from, string? problem);

    [LoggerMessage(EventId = 3, EventName = "PlaintextRefused", Level = LogLevel.Warning,
        Message = "Plaintext from {From} refused: Identity:Mode is Strict. "
            + "Make the caller part of the mesh, or set the mode to Permissive.")]
    private partial void LogPlaintextRefused(EndPoint? from);

    [LoggerMessage(EventId = 4, EventName = "TlsRefused", Level = LogLevel.Warning,
        Message = "TLS from {From} refused: Identity:Source is None, this server has no certificate to show. "
            + "Set the source, or have the caller speak plaintext.")]
    private partial void LogTlsRefused(EndPoint? from);
}
