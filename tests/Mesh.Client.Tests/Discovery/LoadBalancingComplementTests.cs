using System.Net;
using Mesh.Client.Discovery;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;
using Mesh.Client.Tests.Discovery.Configuration;

namespace Mesh.Client.Tests.Discovery;

/// <summary>What a source leaves unsaid of how endpoints are picked, another completes.</summary>
public sealed class LoadBalancingComplementTests
{
    private static readonly ServiceName Service = new("catalog.shop.svc.cluster.local", 80);
    private static readonly EndpointSet State = EndpointSet.Known([new Endpoint(EndpointAddress.Create(IPAddress.Loopback, 8080))]);
    private static readonly LoadBalancingSettings Hash = new() { HashOn = [new HashSource(HashSourceKind.Header, "x-user")] };

    private readonly ManualSource _linkerd = new("linkerd");
    private readonly ManualComplement _kubernetes = new();

    [Fact]
    public async Task A_source_without_a_word_of_it_is_completed()
    {
        var policy = new TrafficPolicy { Retry = RetryPolicy.Default with { MaxRetries = 3 }, Problems = ["as it was"] };
        _linkerd.Set(State with { Policy = policy });
        _kubernetes.Say(Hash);
        await using StateReader reader = Read(_linkerd);

        Assert.Equal(State with { Policy = policy with { LoadBalancing = Hash } }, await reader.NextAsync());
    }

    [Fact]
    public async Task A_source_that_knows_no_policy_is_completed()
    {
        _linkerd.Set(State);
        _kubernetes.Say(Hash);
        await using StateReader reader = Read(_linkerd);

        Assert.Equal(Hash, (await reader.NextAsync()).Policy!.LoadBalancing);
    }

    [Fact]
    public async Task The_first_state_waits_for_it_until_it_is_settled()
    {
        _linkerd.Set(State);
        await using StateReader reader = Read(_linkerd);
        Task<EndpointSet> first = reader.NextAsync();
        await _kubernetes.Watched;
        Assert.False(first.IsCompleted);

        _kubernetes.Say(null);

        Assert.Equal(State, await first);
    }

    [Fact]
    public async Task A_change_of_either_side_is_told()
    {
        _linkerd.Set(State);
        _kubernetes.Say(Hash);
        await using StateReader reader = Read(_linkerd);
        await reader.NextAsync();
        LoadBalancingSettings other = Hash with { BoundedLoad = 125 };

        _kubernetes.Say(other);
        Assert.Equal(other, (await reader.NextAsync()).Policy!.LoadBalancing);
        _linkerd.Set(State with { Problem = "away" });
        EndpointSet next = await reader.NextAsync();
        Assert.Equal(("away", other), (next.Problem, next.Policy!.LoadBalancing));
        _kubernetes.Say(null);
        Assert.Null((await reader.NextAsync()).Policy?.LoadBalancing);
    }

    [Fact]
    public async Task Its_own_states_are_left_alone()
    {
        _kubernetes.Say(Hash);
        await using StateReader reader = Read(_kubernetes);

        Assert.Equal(State, await reader.NextAsync());
        Assert.Equal(0, _kubernetes.Watches);
    }

    [Fact]
    public async Task A_source_that_says_it_itself_is_left_alone()
    {
        EndpointSet said = State with { Policy = new TrafficPolicy { LoadBalancing = new() { Policy = "Random" } } };
        _linkerd.Set(said);
        _kubernetes.Say(Hash);
        await using StateReader reader = Read(_linkerd);

        Assert.Equal(said, await reader.NextAsync());
        Assert.Equal(0, _kubernetes.Watches);
    }

    [Fact]
    public async Task What_configuration_writes_down_is_left_alone()
    {
        using var mesh = new TestMesh(
            TestMesh.Json("""{ "Mesh": { "Services": { "catalog.shop": { "Endpoints": [ { "Address": "127.0.0.1:1" } ] } } } }"""));
        await using StateReader reader = Read(new ConfigurationEndpointSource(mesh.Configuration));

        await reader.NextAsync();
        Assert.Equal(0, _kubernetes.Watches);
    }

    [Fact]
    public async Task A_service_that_is_nothing_to_it_is_as_it_is()
    {
        _linkerd.Set(State);
        _kubernetes.Refuse = true;
        await using StateReader reader = Read(_linkerd);

        Assert.Equal(State, await reader.NextAsync());
    }

    [Fact]
    public async Task A_source_that_ends_ends_the_chain_where_there_is_nothing_to_complete()
    {
        _linkerd.Set(State).End();
        _kubernetes.Refuse = true;
        await using StateReader reader = Read(_linkerd);

        Assert.Equal(State, await reader.NextAsync());
        await reader.EndAsync();
    }

    [Fact]
    public async Task It_is_left_with_the_service_that_is_gone_and_with_the_reader()
    {
        _linkerd.Set(State);
        _kubernetes.Say(Hash);
        await using (StateReader reader = Read(_linkerd))
        {
            await reader.NextAsync();
            Assert.Equal(1, _kubernetes.Watches);
            _linkerd.Set(EndpointSet.NotFound());
            await reader.NextAsync();
            Assert.Equal(0, _kubernetes.Watches);
            _linkerd.Set(State);
            await reader.NextAsync();
            Assert.Equal(1, _kubernetes.Watches);
        }

        Assert.Equal(0, _kubernetes.Watches);
    }

    private StateReader Read(IEndpointSource source) => new(new SourceChain([source], _kubernetes), Service);
}
