using Mesh.Client.Telemetry.Linkerd;
using Mesh.Client.Telemetry.Metering;

namespace Mesh.Client.Tests.Telemetry.Linkerd;

public sealed class LinkerdNamesTests
{
    [Theory]
    [InlineData("catalog.shop.svc.cluster.local:8080", "core", "Service", "shop", "catalog", "8080")]
    [InlineData("api.example.org:443", "", "default", "", "api.example.org", "443")]
    public void Service_IsAnObjectOfKubernetes(string service, string group, string kind, string ns, string name, string port) =>
        Assert.Equal(new LinkerdRef(group, kind, ns, name, port), LinkerdRef.OfService(service));

    [Fact]
    public void Route_ThatStandsForNone_IsTheDefault()
    {
        var parent = LinkerdRef.OfService("catalog.shop.svc.cluster.local:80");

        Assert.Equal(new("", "default", "", "http", ""), LinkerdRef.OfRoute("default", parent, isGrpc: false, isDefault: true));
        Assert.Equal(
            new("gateway.networking.k8s.io", "GRPCRoute", "shop", "items", ""),
            LinkerdRef.OfRoute("items", parent, isGrpc: true, isDefault: false));
    }

    [Theory]
    [InlineData((int)CallErrorKind.Mesh, (int)MeshFailure.Limit, "LoadShed")]
    [InlineData((int)CallErrorKind.Mesh, (int)MeshFailure.NoEndpoint, "FailFast")]
    [InlineData((int)CallErrorKind.Mesh, (int)MeshFailure.Timeout, "RequestTimeout")]
    [InlineData((int)CallErrorKind.Outcome, (int)AttemptResult.Cancelled, "Cancel")]
    [InlineData((int)CallErrorKind.Status, 0, "")]
    public void Errors_AreInLinkerdsWords(int kind, int detail, string error) =>
        Assert.Equal(error, LinkerdErrors.ResponseError(new CallResult(0, false, null, (CallErrorKind)kind, detail)));

    [Fact]
    public void GrpcStatuses_HaveTheirNames() =>
        Assert.Equal(["OK", "UNAVAILABLE", "17"], new[] { 0, 14, 17 }.Select(LinkerdErrors.GrpcStatusName));
}
