using System.Collections.Immutable;
using CsCheck;
using Mesh.Client.AspNetCore.ControlPlane;
using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Model;

namespace Mesh.Client.Tests.AspNetCore.ControlPlane;

public class EndpointDifferenceTests
{
    private static readonly Gen<ToldEndpoints> State = Gen.Select(
        Gen.Select(Gen.Int[0, 9], Gen.Int[1, 3]).Array[0, 8],
        Gen.Int[0, 2].Select(i => new[] { null, "Maglev", "Random" }[i]),
        (endpoints, policy) => new ToldEndpoints(
            [.. endpoints.DistinctBy(pair => pair.Item1).Select(pair => At(pair.Item1, pair.Item2))],
            new LoadBalancingSettings { Policy = policy }));

    [Fact]
    public void Between_AnyStates_LeadsToTheLast() => State.Array[1, 12].Sample(states =>
    {
        var differences = new EndpointDifferences();
        var folds = new[] { new EndpointFold(_ => { }), new EndpointFold(_ => { }) };
        ToldEndpoints? last = null;
        foreach (ToldEndpoints state in states)
        {
            EndpointDifference difference = differences.Between(last, state);

            // A second stream is given the very same.
            Assert.True(state.Endpoints.IsEmpty || ReferenceEquals(difference, differences.Between(last, state)));
            foreach (EndpointFold fold in folds)
            {
                difference.Updates.ToList().ForEach(update => fold.Apply(update));
                Assert.Equal(state.Endpoints.Select(Text).Order(), fold.Endpoints.Select(Text).Order());
                Assert.True(state.Endpoints.IsEmpty || fold.Policy?.LoadBalancing?.Policy == state.LoadBalancing.Policy);
            }

            last = state;
        }
    });

    [Fact]
    public void Between_ChangeAndRemoval_SaysNoLessThanThereIs()
    {
        ToldEndpoints from = Told(At(1, 1), At(2, 1), At(3, 1));
        EndpointDifference difference = new EndpointDifferences().Between(from, Told(At(1, 1), At(2, 2), At(4, 1)));

        Assert.Equal(
            [Update.UpdateOneofCase.Add, Update.UpdateOneofCase.Remove], difference.Updates.Select(update => update.UpdateCase));
        Assert.Equal(2, difference.Updates[0].Add.Addrs.Count);
        Assert.Single(difference.Updates[1].Remove.Addrs);
    }

    [Fact]
    public void Between_OnlyHostNames_IsNoEndpointsOnce()
    {
        Assert.True(EndpointAddress.TryParse("db.example:80", out EndpointAddress? host));
        ToldEndpoints state = Told(new Endpoint(host));
        var differences = new EndpointDifferences();

        EndpointDifference first = differences.Between(null, state);
        Assert.Equal(Update.UpdateOneofCase.NoEndpoints, Assert.Single(first.Updates).UpdateCase);
        Assert.Equal(host, Assert.Single(first.LeftOut));
        Assert.Empty(differences.Between(state, Told()).Updates);
    }

    private static ToldEndpoints Told(params ImmutableArray<Endpoint> endpoints) => new(endpoints, new LoadBalancingSettings());

    private static Endpoint At(int last, int weight) =>
        new(EndpointAddress.Create(new System.Net.IPAddress([10, 0, 0, (byte)last]), 80)) { Weight = weight };

    private static string Text(Endpoint endpoint) => $"{endpoint.Address.Text} {endpoint.Weight}";
}
