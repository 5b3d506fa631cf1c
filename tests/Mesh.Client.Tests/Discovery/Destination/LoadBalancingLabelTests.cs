using Mesh.Client.Discovery.Destination;
using Mesh.Client.Discovery.Destination.Protocol;
using Mesh.Client.Model;

namespace Mesh.Client.Tests.Discovery.Destination;

public class LoadBalancingLabelTests
{
    private readonly List<BadInput> _bad = [];
    private readonly EndpointFold _fold;

    public LoadBalancingLabelTests() => _fold = new EndpointFold(_bad.Add);

    [Fact]
    public void Set_WithAllFour_SaysHowEndpointsArePicked()
    {
        var said = new LoadBalancingSettings
        {
            Policy = "RingHash",
            HashOn = [new HashSource(HashSourceKind.Header, "x-user", Terminal: true), new HashSource(HashSourceKind.Path, "")],
            BoundedLoad = 0,
            EndpointKey = new EndpointKey(EndpointKeyKind.Label, "pod"),
        };
        var set = new WeightedAddrSet();
        LoadBalancingLabels.Write(said, set.MetricLabels);
        _fold.Apply(new Update { Add = set });

        Assert.Equal(4, set.MetricLabels.Count);
        Assert.Equal(said, _fold.Policy?.LoadBalancing);
        Assert.Equal(said, _fold.State().Policy?.LoadBalancing);
    }

    [Fact]
    public void Set_WithoutThem_SaysNothingAndTakesBackWhatWasSaid()
    {
        Apply(("mesh_load_balancing", "Maglev"));
        TrafficPolicy? first = _fold.Policy;
        Apply(("mesh_load_balancing", "Maglev"), ("service", "catalog"));
        Assert.Same(first, _fold.Policy);

        Apply(("service", "catalog"));
        Assert.Null(_fold.Policy);
    }

    [Theory]
    [InlineData("mesh_load_balancing", "nearest")]
    [InlineData("mesh_hash_on", "body:x")]
    [InlineData("mesh_bounded_load", "50")]
    [InlineData("mesh_endpoint_key", "name")]
    public void Set_WithNonsense_IsCountedAndTheLastGoodStands(string label, string text)
    {
        Apply(("mesh_load_balancing", "RingHash"), ("mesh_bounded_load", "150"));
        TrafficPolicy? good = _fold.Policy;
        Apply(("mesh_load_balancing", "Random"), (label, text));

        Assert.Same(good, _fold.Policy);
        BadInput bad = Assert.Single(_bad);
        Assert.Equal($"add.metric_labels.{label}", bad.Kind);
        Assert.StartsWith($"add.metric_labels.{label}: '{text}' is", bad.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Removal_AndAnEmptyService_LeaveWhatWasSaid()
    {
        Apply(("mesh_load_balancing", "Random"));
        _fold.Apply(new Update { Remove = new AddrSet() });
        _fold.Apply(new Update { NoEndpoints = new NoEndpoints { Exists = true } });
        _fold.Restart();

        Assert.Equal("Random", _fold.Policy?.LoadBalancing?.Policy);
    }

    private void Apply(params (string Name, string Value)[] labels)
    {
        var set = new WeightedAddrSet();
        foreach ((string name, string value) in labels)
        {
            set.MetricLabels[name] = value;
        }

        _fold.Apply(new Update { Add = set });
    }
}
