using Mesh.Client.Model;

namespace Mesh.Client.AspNetCore.ControlPlane.Clients;

/// <summary>A service that clients ask for. Its owner locks.</summary>
internal sealed class WatchedService
{
    public int Streams { get; set; }

    /// <summary>The latest that was said of it, to whichever of its clients; null while nothing was.</summary>
    public ToldService? Told { get; private set; }

    public void Tell(EndpointSet state, string? source, DateTimeOffset now)
    {
        // Who is told that nothing is known for now keeps what it has.
        EndpointSet? known = state.Status is EndpointSetStatus.Unknown ? Told?.Known
            : state.Status is EndpointSetStatus.Known ? state
            : null;
        if (Told is not { } told || !ReferenceEquals(told.State, state) || told.Source != source)
        {
            Told = new ToldService(state, known, source, Told?.Since ?? now);
        }
    }
}
