namespace Mesh.Client.Tests.Discovery.Configuration;

public class FilterRulesTests
{
    [Theory]
    [InlineData("""{ }""", ": needs exactly one of RequestHeaders, ResponseHeaders, Rewrite, Redirect, Fault and Mirror")]
    [InlineData("""{ "Mirror": { "Service": "b" }, "Rewrite": { "Host": "b" } }""",
        ": needs exactly one of RequestHeaders, ResponseHeaders, Rewrite, Redirect, Fault and Mirror")]
    [InlineData("""{ "RequestHeaders": { "Add": {}, "Remove": [] } }""", ":RequestHeaders: needs an Add, a Set or a Remove")]
    [InlineData("""{ "RequestHeaders": { "Set": { "Host": "b" } } }""",
        ":RequestHeaders:Set:Host: Host is changed by a filter with Rewrite:Host")]
    [InlineData("""{ "RequestHeaders": { "Add": { "content-length": "1" } } }""",
        ":RequestHeaders:Add:content-length: content-length belongs to the connection and the framing of messages")]
    [InlineData("""{ "ResponseHeaders": { "Remove": [ "Transfer-Encoding" ] } }""",
        ":ResponseHeaders:Remove:0: Transfer-Encoding belongs to the connection and the framing of messages")]
    [InlineData("""{ "ResponseHeaders": { "Set": { "grpc-status": "0" } } }""",
        ":ResponseHeaders:Set:grpc-status: grpc-status belongs to gRPC")]
    [InlineData("""{ "RequestHeaders": { "Remove": [ "mesh-hash-key" ] } }""",
        ":RequestHeaders:Remove:0: mesh-hash-key belongs to the mesh")]
    [InlineData("""{ "RequestHeaders": { "Remove": [ ":path" ] } }""",
        ":RequestHeaders:Remove:0: ':path' has a character that HTTP does not allow in such a name")]
    [InlineData("""{ "RequestHeaders": { "Set": { "a": "b\r\nc: d" } } }""",
        ":RequestHeaders:Set:a: the value has a character that is not printable ASCII")]
    [InlineData("""{ "RequestHeaders": { "Set": { "a": "1" }, "Remove": [ "A" ] } }""",
        ":RequestHeaders:Remove:0: A is also at Mesh:Services:a:Filters:0:RequestHeaders:Set:a")]
    [InlineData("""{ "Rewrite": { "Host": null } }""", ":Rewrite: needs a Host, a Path or a PathPrefix")]
    [InlineData("""{ "Rewrite": { "Host": "b c" } }""",
        ":Rewrite:Host: 'b c' has the illegal character ' '; a name is letters, digits, '-' and '.'")]
    [InlineData("""{ "Rewrite": { "Path": "b" } }""", ":Rewrite:Path: 'b' does not begin with '/'")]
    [InlineData("""{ "Rewrite": { "PathPrefix": "/b" } }""",
        ":Rewrite:PathPrefix: only in a route: it replaces what the route's prefix match took")]
    [InlineData("""{ "Redirect": { "Status": 301 } }""",
        ":Redirect: needs a Scheme, a Host, a Port, a Path or a PathPrefix; it would lead to where it comes from")]
    [InlineData("""{ "Redirect": { "Scheme": "ftp" } }""", ":Redirect:Scheme: 'ftp' is neither http nor https")]
    [InlineData("""{ "Redirect": { "Host": "b:80" } }""",
        ":Redirect:Host: 'b:80' has the illegal character ':'; a name is letters, digits, '-' and '.'")]
    [InlineData("""{ "Redirect": { "Port": 0 } }""", ":Redirect:Port: 0 is not from 1 to 65535")]
    [InlineData("""{ "Redirect": { "Path": "/b", "Status": 304 } }""",
        ":Redirect:Status: 304 is no redirect; choose from 301, 302, 303, 307, 308")]
    [InlineData("""{ "Fault": { "MaxActive": 1 } }""", ":Fault: needs an Abort, a Delay or both")]
    [InlineData("""{ "Fault": { "Abort": { "Status": 500 }, "MaxActive": 0 } }""", ":Fault:MaxActive: 0 is below 1")]
    [InlineData("""{ "Fault": { "Abort": { "Ratio": 0.5 } } }""", ":Fault:Abort: needs a Status, a GrpcStatus or both")]
    [InlineData("""{ "Fault": { "Abort": { "Status": 100 } } }""", ":Fault:Abort:Status: 100 is not from 200 to 599")]
    [InlineData("""{ "Fault": { "Abort": { "Status": 500, "Ratio": 50 } } }""", ":Fault:Abort:Ratio: 50 is not from 0 to 1")]
    [InlineData("""{ "Fault": { "Delay": { "Ratio": 0.5 } } }""", ":Fault:Delay: needs a Fixed, a Header or both")]
    [InlineData("""{ "Fault": { "Delay": { "Fixed": "00:00:00" } } }""",
        ":Fault:Delay:Fixed: 00:00:00 is not from 00:00:00.0010000 to 30.00:00:00")]
    [InlineData("""{ "Fault": { "Delay": { "Header": "" } } }""", ":Fault:Delay:Header: empty")]
    [InlineData("""{ "Fault": { "Delay": { "Header": "a", "Ratio": "NaN" } } }""", ":Fault:Delay:Ratio: NaN is not from 0 to 1")]
    [InlineData("""{ "Mirror": { "Ratio": 0.5 } }""",
        ":Mirror:Service: missing; write a service's name, such as catalog or catalog.shop:8080")]
    [InlineData("""{ "Mirror": { "Service": "b", "Ratio": -0.5 } }""", ":Mirror:Ratio: -0.5 is not from 0 to 1")]
    [InlineData("""{ "Mirror": { "Service": "b", "MaxBodyBytes": -1 } }""", ":Mirror:MaxBodyBytes: -1 is not from 0 to 16777216")]
    public void Validate_Filter_IsRefusedWithItsPath(string filter, string error) =>
        Assert.Equal([$"Mesh:Services:a:Filters:0{error}"], Errors($$"""{ "Filters": [ {{filter}} ] }"""));

    [Theory]
    [InlineData("""[ { "Rewrite": { "Host": "a" } }, { "Rewrite": { "Path": "/a" } } ]""",
        "1:Rewrite: is given at Mesh:Services:a:Filters:0:Rewrite already, and holds once")]
    [InlineData("""[ { "Rewrite": { "Host": "a" } }, { "Redirect": { "Path": "/a" } } ]""",
        "1:Redirect: not together with Mesh:Services:a:Filters:0:Rewrite: a call is either sent or redirected")]
    [InlineData("""[ { "Redirect": { "Host": "a" } }, { "Rewrite": { "Path": "/a" } } ]""",
        "1:Rewrite: not together with Mesh:Services:a:Filters:0:Redirect: a call is either sent or redirected")]
    public void Validate_FiltersBesideEachOther_AreRefusedWithTheirPath(string filters, string error) =>
        Assert.Equal([$"Mesh:Services:a:Filters:{error}"], Errors($$"""{ "Filters": {{filters}} }"""));

    [Fact]
    public void Validate_SeveralMirrorsAndFaults_AreAllowed() => TestMesh.Options("""
        { "Mesh": { "Defaults": { "Filters": [
            { "Mirror": { "Service": "b" } }, { "Fault": { "Abort": { "Status": 500, "Ratio": 0.1 } } },
            { "Mirror": { "Service": "c" } }, { "Fault": { "Abort": { "GrpcStatus": "Internal", "Ratio": 0.1 } } } ] } } }
        """);

    [Theory]
    [InlineData("""{ "Filters": [ { "Redirect": { "Host": "b" } } ], "Backends": [ { "Service": "b" } ] }""",
        "Filters:0:Redirect: not together with Backends: nothing would be sent there")]
    [InlineData("""{ "Backends": [ { "Service": "b", "Filters": [ { "Redirect": { "Host": "b" } } ] } ] }""",
        "Backends:0:Filters:0:Redirect: only in a route: a call that a backend was chosen for is sent")]
    [InlineData("""{ "Filters": [ { "Rewrite": { "PathPrefix": "/b" } } ] }""",
        "Filters:0:Rewrite:PathPrefix: needs a Path:Prefix in every match of the route: that part is replaced")]
    [InlineData("""{ "Matches": [ { "Path": { "Prefix": "/a" } }, { "Path": { "Exact": "/a" } } ], """
        + """ "Filters": [ { "Redirect": { "PathPrefix": "/b" } } ] }""",
        "Filters:0:Redirect:PathPrefix: needs a Path:Prefix in every match of the route: that part is replaced")]
    [InlineData("""{ "Backends": [ { "Service": "b", "Filters": [ { "Rewrite": { "PathPrefix": "/b" } } ] } ] }""",
        "Backends:0:Filters:0:Rewrite:PathPrefix: needs a Path:Prefix in every match of the route: that part is replaced")]
    [InlineData("""{ "Match": { "Path": { "Prefix": "/a" } }, "Filters": [ { "Rewrite": { "Path": "/a", "PathPrefix": "/b" } } ] }""",
        "Filters:0:Rewrite:PathPrefix: not together with Path")]
    public void Validate_FilterOfARoute_IsRefusedWithItsPath(string route, string error) =>
        Assert.Equal([$"Mesh:Services:a:Routes:0:{error}"], Errors($$"""{ "Routes": [ {{route}} ] }"""));

    /// <summary>In the route that would have it, whichever of the two was written for more.</summary>
    [Theory]
    [InlineData("""{ {F} }""", """{ {R} }""")]
    [InlineData("""{ {R} }""", """{ {F} }""")]
    [InlineData("""{ }""", """{ {F}, {R} }""")]
    public void Validate_InheritedRedirectBesideBackends_IsRefusedInTheRoute(string defaults, string service)
    {
        string errors = string.Join('\n', TestMesh.Errors(Fill($$"""
            { "Mesh": { "Defaults": {{defaults}}, "Services": { "a": {{service}} } } }
            """)));

        Assert.Equal(
            "Mesh:Services:a:Routes:0:Filters: the Redirect that the route inherits is not together with Backends: nothing would be sent "
            + "there; give the route a list of its own, such as []",
            errors);
    }

    [Fact]
    public void Validate_InheritedRedirectTakenAway_IsAllowed() => TestMesh.Options("""
        { "Mesh": { "Defaults": { "Filters": [ { "Redirect": { "Host": "b" } } ] },
            "Services": { "a": { "Routes": [ { "Filters": [], "Backends": [ { "Service": "b" } ] }, { "Name": "rest" } ] } } } }
        """);

    private static string Fill(string json) => json
        .Replace("{F}", """ "Filters": [ { "Redirect": { "Host": "b" } } ] """, StringComparison.Ordinal)
        .Replace("{R}", """ "Routes": [ { "Backends": [ { "Service": "b" } ] } ] """, StringComparison.Ordinal);

    [Fact]
    public void Validate_UnknownStatusInCode_IsRefused() => Assert.Equal(
        ["MeshClientOptions:Defaults:Filters:0:Fault:Abort:GrpcStatus: 17 is unknown"],
        TestMesh.Errors(o => o.Defaults.Filters =
        [
            new() { Fault = new() { Abort = new() { GrpcStatus = (global::Grpc.Core.StatusCode)17 } } },
        ]));

    private static string[] Errors(string service) => TestMesh.Errors($$"""{ "Mesh": { "Services": { "a": {{service}} } } }""");
}
