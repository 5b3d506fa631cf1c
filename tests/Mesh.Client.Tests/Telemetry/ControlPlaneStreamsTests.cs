using Mesh.Client.Telemetry;

namespace Mesh.Client.Tests.Telemetry;

public sealed class ControlPlaneStreamsTests
{
    private readonly ControlPlaneStreams _streams = new("http://127.0.0.1:8086");

    [Fact]
    public void State_FollowsTheStreams()
    {
        StreamState one = StreamState.None, other = StreamState.None;
        Assert.Equal(("idle", false), (_streams.State, _streams.WasHeard));

        _streams.Move(StreamKind.Endpoints, ref one, StreamState.Connecting);
        _streams.Move(StreamKind.Endpoints, ref one, StreamState.Open);
        _streams.Move(StreamKind.Policy, ref other, StreamState.Open);
        _streams.Hear();
        Assert.Equal(("connected", true), (_streams.State, _streams.WasHeard));
        Assert.Equal((1, 1, 0), (Count(StreamKind.Endpoints), Count(StreamKind.Policy), Count(StreamKind.Profile)));

        _streams.Lose("refused");
        _streams.Move(StreamKind.Endpoints, ref one, StreamState.Waiting);
        Assert.Equal("connected", _streams.State);
        _streams.Move(StreamKind.Policy, ref other, StreamState.Waiting);
        Assert.Equal(("lost", "refused"), (_streams.State, _streams.Problem));

        _streams.Move(StreamKind.Policy, ref other, StreamState.Open);
        _streams.Hear();
        Assert.Equal(("connected", null), (_streams.State, _streams.Problem));
    }

    [Fact]
    public void State_OfALostControlPlaneThatNothingAsksAnyMore_IsIdle()
    {
        StreamState one = StreamState.None, other = StreamState.None;
        _streams.Move(StreamKind.Endpoints, ref one, StreamState.Connecting);
        _streams.Move(StreamKind.Policy, ref other, StreamState.Connecting);
        _streams.Lose("refused");
        _streams.Move(StreamKind.Endpoints, ref one, StreamState.Waiting);
        Assert.Equal(("lost", true), (_streams.State, _streams.IsLost));

        _streams.Move(StreamKind.Endpoints, ref one, StreamState.None);
        Assert.Equal("lost", _streams.State);
        _streams.Move(StreamKind.Policy, ref other, StreamState.None);
        Assert.Equal(("idle", false, null), (_streams.State, _streams.IsLost, _streams.Problem));

        // What is asked next has not been lost.
        _streams.Move(StreamKind.Endpoints, ref one, StreamState.Connecting);
        Assert.Equal("idle", _streams.State);
    }

    [Fact]
    public void Move_ToNone_IsCountedNoMore()
    {
        StreamState state = StreamState.None;
        _streams.Move(StreamKind.Endpoints, ref state, StreamState.Open);

        _streams.Move(StreamKind.Endpoints, ref state, StreamState.None);

        Assert.Equal((0, 0), (Count(StreamKind.Endpoints), _streams.Count(StreamKind.Endpoints, StreamState.None)));
    }

    private int Count(StreamKind kind) => _streams.Count(kind, StreamState.Open);
}
