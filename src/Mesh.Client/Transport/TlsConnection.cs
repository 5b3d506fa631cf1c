using System.Net.Security;
using Mesh.Client.Identity;

namespace Mesh.Client.Transport;

/// <summary>An authenticated connection.</summary>
/// <param name="Stream">Owns the stream beneath.</param>
/// <param name="Peer">Who is at the other end, and which anchor says so.</param>
internal sealed record TlsConnection(SslStream Stream, PeerVerification Peer);
