using System.Globalization;
using Mesh.Client.AspNetCore.Authorization;
using Mesh.Client.Telemetry.Status;
using Mesh.Client.Telemetry.Traffic;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.AspNetCore.Authorization;

public sealed class InboundPeersTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly InboundPeers _peers;

    public InboundPeersTests()
    {
        var traffic = new TrafficRecorder(_time);
        traffic.Enable();
        _peers = new InboundPeers(traffic, _time);
    }

    [Fact]
    public void Began_WhileAllOthersAreBusy_CountsAmongTheOthers()
    {
        Fill();

        Call("new");
        _peers.Refused("new");

        Assert.DoesNotContain(_peers.Read(), peer => peer.Identity == "new");
        PeerStatus others = _peers.ReadOthers()!;
        Assert.Equal((0, 1, _time.GetUtcNow()), (others.Allowed, others.Refused, others.LastSeen));
    }

    [Fact]
    public void Began_AfterAMinuteOfSilence_TakesThePlaceOfWhoWasSeenFirst()
    {
        Fill();
        _time.Advance(InboundPeers.Quiet);
        Call("peer-0");
        _peers.Refused("peer-1");

        Call("new");

        PeerStatus[] known = _peers.Read();
        Assert.Equal(InboundPeers.MaxPeers, known.Length);
        Assert.Contains(known, peer => peer is { Identity: "new", Allowed: 1 });
        Assert.Contains(known, peer => peer is { Identity: "peer-0", Allowed: 2 });
        Assert.DoesNotContain(known, peer => peer.Identity == "peer-1");
        Assert.Equal((0, 1), (_peers.ReadOthers()!.Allowed, _peers.ReadOthers()!.Refused));
    }

    [Fact]
    public void Began_ByMoreAndMore_LosesNoRequest()
    {
        for (int i = 0; i < 5_000; i++)
        {
            Call($"peer-{i % 700}");
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(InboundPeers.MaxPeers, _peers.Read().Length);
        Assert.Equal(5_000, _peers.Read().Sum(peer => peer.Allowed) + _peers.ReadOthers()!.Allowed);
        Assert.Equal($"peer-{4_999 % 700}", _peers.Read().MaxBy(peer => peer.LastSeen)!.Identity);
    }

    [Fact]
    public async Task Began_ByManyAtOnce_StaysBounded()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(caller => Task.Run(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                Call(string.Create(CultureInfo.InvariantCulture, $"peer-{(i * 31) + caller}"));
                _time.Advance(TimeSpan.FromMinutes(1));
            }
        })));

        Assert.InRange(_peers.Read().Length, InboundPeers.MaxPeers, InboundPeers.MaxPeers + 4);
        Assert.Equal(0, _peers.Requests);
    }

    [Fact]
    public void Read_WithRoomForAll_HasNoOthers()
    {
        Call(null);
        Call("web");
        Call("web");

        Assert.Equal(["web", null], _peers.Read().Select(peer => peer.Identity));
        Assert.Null(_peers.ReadOthers());
    }

    private void Fill()
    {
        for (int i = 0; i < InboundPeers.MaxPeers; i++)
        {
            Call($"peer-{i}");
            _time.Advance(TimeSpan.FromTicks(1));
        }
    }

    private void Call(string? identity)
    {
        _peers.Began(identity);
        _peers.Ended();
    }
}
