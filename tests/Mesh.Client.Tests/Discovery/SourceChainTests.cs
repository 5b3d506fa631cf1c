using System.Net;
using Mesh.Client.Discovery;
using Mesh.Client.Model;

namespace Mesh.Client.Tests.Discovery;

public class SourceChainTests
{
    private static readonly ServiceName Service = new("catalog.shop.svc.cluster.local", 80);
    private static readonly EndpointSet A = Known(1);
    private static readonly EndpointSet B = Known(2);

    private readonly ManualSource _first = new("first");
    private readonly ManualSource _second = new("second");

    [Fact]
    public async Task WatchAsync_NoSources_SaysNotFoundAndEnds()
    {
        await using var reader = new StateReader(new SourceChain([]), Service);

        Assert.Equal(EndpointSetStatus.NotFound, (await reader.NextAsync()).Status);
        await reader.EndAsync();
    }

    [Fact]
    public async Task WatchAsync_FirstKnows_SecondIsNotAsked()
    {
        _first.Set(A);
        _second.Set(B);
        await using StateReader reader = Read();

        Assert.Equal(A, await reader.NextAsync());
        Assert.Equal(0, _second.Asked);
    }

    [Fact]
    public async Task WatchAsync_FirstSaysNotFound_SecondIsBelieved()
    {
        _first.Set(EndpointSet.NotFound());
        _second.Set(A);
        await using StateReader reader = Read();

        Assert.Equal(A, await reader.NextAsync());
        _second.Set(B);
        Assert.Equal(B, await reader.NextAsync());
    }

    [Fact]
    public async Task WatchAsync_FirstHasNotAnswered_IsWaitedFor()
    {
        _second.Set(B);
        await using StateReader reader = Read();

        _first.Set(EndpointSet.Unknown("out of reach"));
        Assert.Equal(EndpointSet.Unknown("out of reach"), await reader.NextAsync());
        _first.Set(A);
        Assert.Equal(A, await reader.NextAsync());
        Assert.Equal(0, _second.Asked);
    }

    [Fact]
    public async Task WatchAsync_FirstRefuses_IsBelieved()
    {
        _first.Set(EndpointSet.Refused("an IP address")).End();
        _second.Set(B);
        await using StateReader reader = Read();

        Assert.Equal(EndpointSet.Refused("an IP address"), await reader.NextAsync());
        await reader.EndAsync();
    }

    [Fact]
    public async Task WatchAsync_FirstFindsTheServiceLater_TakesOverAndLeavesTheSecond()
    {
        _first.Set(EndpointSet.NotFound());
        _second.Set(B);
        await using StateReader reader = Read();
        Assert.Equal(B, await reader.NextAsync());

        _first.Set(A);

        Assert.Equal(A, await reader.NextAsync());
        Assert.Equal(0, _second.Watchers);
    }

    [Fact]
    public async Task WatchAsync_FirstLosesTheService_LastStateStandsUntilTheSecondAnswers()
    {
        _first.Set(A);
        await using StateReader reader = Read();
        Assert.Equal(A, await reader.NextAsync());

        _first.Set(EndpointSet.NotFound());
        _second.Set(B);

        Assert.Equal(B, await reader.NextAsync());
    }

    [Fact]
    public async Task WatchAsync_AllSayNotFound_ProblemsAreJoined()
    {
        _first.Set(EndpointSet.NotFound("not here"));
        _second.Set(EndpointSet.NotFound("nor here"));
        await using StateReader reader = Read();

        Assert.Equal(EndpointSet.NotFound("not here; nor here"), await reader.NextAsync());
    }

    [Fact]
    public async Task WatchAsync_SourcesHaveEnded_Ends()
    {
        _first.Set(EndpointSet.NotFound()).End();
        _second.Set(A).End();
        await using StateReader reader = Read();

        Assert.Equal(A, await reader.NextAsync());
        await reader.EndAsync();
    }

    [Fact]
    public async Task WatchAsync_EqualState_IsNotRepeated()
    {
        _first.Set(Known(1));
        await using StateReader reader = Read();
        Assert.Equal(A, await reader.NextAsync());

        _first.Set(Known(1)).Set(B);

        Assert.Equal(B, await reader.NextAsync());
    }

    [Fact]
    public async Task WatchAsync_SourceThrows_IsNotSwallowed()
    {
        _first.End(new InvalidOperationException("against the contract"));
        await using StateReader reader = Read();

        await Assert.ThrowsAsync<InvalidOperationException>(reader.EndAsync);
    }

    [Fact]
    public async Task WatchAsync_Cancelled_LeavesEverySource()
    {
        _first.Set(EndpointSet.NotFound());
        _second.Set(A);
        await using (StateReader reader = Read())
        {
            await reader.NextAsync();
        }

        Assert.Equal(0, _first.Watchers + _second.Watchers);
    }

    [Fact]
    public void Name_OfSeveral_NamesAll() => Assert.Equal("first, second", new SourceChain([_first, _second]).Name);

    private StateReader Read() => new(new SourceChain([_first, _second]), Service);

    private static EndpointSet Known(int last) =>
        EndpointSet.Known([new Endpoint(EndpointAddress.Create(new IPAddress([10, 0, 0, (byte)last]), 8080))]);
}
