namespace Mesh.Client.Tests.Discovery.Configuration;

public class RouteRulesTests
{
    [Theory]
    [InlineData("""[ { "Name": "" } ]""", "0:Name: '' is no name; write 1 to 253 characters, or leave it out")]
    [InlineData("""[ { "Name": "Default" } ]""", "0:Name: 'Default' is what calls without a route go by; choose another")]
    [InlineData("""[ { "Name": "a" }, { "Name": "A" } ]""", "1:Name: A is also the name of Mesh:Services:a:Routes:0")]
    [InlineData("""[ { "Name": "route-2" }, { "Hosts": [ "a" ] } ]""", "1:Name: route-2 is also the name of Mesh:Services:a:Routes:0")]
    [InlineData("""[ { "Hosts": [ "a", "*.b_c" ] } ]""",
        "0:Hosts:1: '*.b_c' has the illegal character '_'; a name is letters, digits, '-' and '.'")]
    [InlineData("""[ { "Hosts": [ "a:80" ] } ]""",
        "0:Hosts:0: 'a:80' has the illegal character ':'; a name is letters, digits, '-' and '.'")]
    [InlineData("""[ { "Hosts": [ "a.*" ] } ]""",
        "0:Hosts:0: 'a.*' has the illegal character '*'; a name is letters, digits, '-' and '.'; *. may stand before it")]
    [InlineData("""[ { "Hosts": [ "localhost." ] } ]""", "0:Hosts:0: 'localhost.' has an empty label")]
    [InlineData("""[ { "Hosts": [ "10.0.0.1" ] } ]""", "0:Hosts:0: '10.0.0.1' is an IP address, and no host's name")]
    [InlineData("""[ { "Match": { "Method": "GET" }, "Matches": [] } ]""", "0:Match: not together with Matches; write it into that list")]
    [InlineData("""[ { "Backends": [ { "Weight": 1 } ] } ]""",
        "0:Backends:0:Service: missing; write a service's name, such as catalog or catalog.shop:8080")]
    [InlineData("""[ { "Backends": [ { "Service": "a_b" } ] } ]""",
        "0:Backends:0:Service: 'a_b' has the illegal character '_'; a name is letters, digits, '-' and '.'")]
    [InlineData("""[ { "Backends": [ { "Service": "10.0.0.1:80" } ] } ]""",
        "0:Backends:0:Service: '10.0.0.1:80' is an IP address, and no service's name")]
    [InlineData("""[ { "Backends": [ { "Service": "b:0" } ] } ]""",
        "0:Backends:0:Service: 'b:0' has no port from 1 to 65535 behind its ':'")]
    [InlineData("""[ { "Backends": [ { "Service": "b" }, { "Service": "B.default" } ] } ]""",
        "0:Backends:1:Service: 'B.default' is also at Mesh:Services:a:Routes:0:Backends:0")]
    [InlineData("""[ null ]""", "0: is null, as {} is to .NET's configuration; write a key of it, or leave it out")]
    [InlineData("""[ { "Name": "a" }, { "Matches": [ { "Method": "GET" }, null ] } ]""",
        "1:Matches:1: is null, as {} is to .NET's configuration; write a key of it, or leave it out")]
    [InlineData("""[ { "Backends": [ { "Service": "b", "Weight": -1 } ] } ]""", "0:Backends:0:Weight: -1 is not from 0 to 1000000")]
    [InlineData("""[ { "Backends": [ { "Service": "b", "Weight": 0 }, { "Service": "c", "Weight": 0 } ] } ]""",
        "0:Backends: every weight is 0; no call could go anywhere")]
    [InlineData("""[ { "Retry": { "MaxRetries": 11 } } ]""", "0:Retry:MaxRetries: 11 is not from 0 to 10")]
    [InlineData("""[ { "Timeouts": { "Idle": "-00:00:01" } } ]""",
        "0:Timeouts:Idle: -00:00:01 is not from 00:00:00.0010000 to 30.00:00:00")]
    [InlineData("""[ { "Hedging": { } }, { "Hedging": { "Percentile": 0.9 } } ]""",
        "1:Hedging:Delay: missing; say how long the first attempt is given, such as 00:00:00.100")]
    public void Validate_Route_IsRefusedWithItsPath(string routes, string error) =>
        Assert.Equal([$"Mesh:Services:a:Routes:{error}"], Errors($$"""{ "Routes": {{routes}} }"""));

    // The calls' port is that of a backend without one.
    [Theory]
    [InlineData("""{ "Ports": { "8080": { "Routes": [ { "Backends": [ { "Service": "b" }, { "Service": "b:8080" } ] } ] } } }""",
        "Ports:8080:Routes:0:Backends:1:Service: 'b:8080' is also at Mesh:Services:a:Ports:8080:Routes:0:Backends:0")]
    [InlineData("""{ "Ports": { "81": { "WarmConnections": true }, "8080": { "WarmConnections": true } }, """
        + """ "Routes": [ { "Backends": [ { "Service": "b" }, { "Service": "b:8080" } ] } ] }""",
        "Ports:8080:Routes:0:Backends: of the inherited ones, b and b:8080 are the same service here")]
    [InlineData("""{ "Port": 8080, "Routes": [ { "Backends": [ { "Service": "b" }, { "Service": "b:8080" } ] } ] }""",
        "Routes:0:Backends:1:Service: 'b:8080' is also at Mesh:Services:a:Routes:0:Backends:0")]
    public void Validate_OneBackendInTwoForms_IsFoundByThePort(string service, string error) =>
        Assert.Equal([$"Mesh:Services:a:{error}"], Errors(service));

    [Theory]
    [InlineData("""{ "Path": { "Exact": "" } }""", "Path:Exact: '' does not begin with '/'")]
    [InlineData("""{ "Path": { "Exact": "/a", "Prefix": "/a" } }""", "Path: needs exactly one of Exact, Prefix and Regex")]
    [InlineData("""{ "Path": { "Prefix": "v2" } }""", "Path:Prefix: 'v2' does not begin with '/'")]
    [InlineData("""{ "Path": { "Exact": "/a?b=1" } }""", "Path:Exact: '/a?b=1' has more than a path; leave out '?' and what follows")]
    [InlineData("""{ "Path": { "Exact": "/a b" } }""", "Path:Exact: '/a b' has the illegal character ' '; write it percent-encoded")]
    [InlineData("""{ "Path": { "Exact": "/a%zz" } }""", "Path:Exact: '/a%zz' has a '%' without two hexadecimal digits behind it")]
    [InlineData("""{ "Path": { "Prefix": "/a%2" } }""", "Path:Prefix: '/a%2' has a '%' without two hexadecimal digits behind it")]
    [InlineData("""{ "Path": { "Prefix": "/a//b" } }""", "Path:Prefix: '/a//b' has an empty segment")]
    [InlineData("""{ "Path": { "Prefix": "/a/.." } }""", "Path:Prefix: '/a/..' has a segment '.' or '..', which no request has")]
    [InlineData("""{ "Path": { "Prefix": "/a" }, "Grpc": { "Method": "B" } }""", "Path: not together with Grpc, which is a path too")]
    [InlineData("""{ "Grpc": { "Method": "B" }, "Method": "POST" }""", "Method: not together with Grpc; such a call is a POST")]
    [InlineData("""{ "Grpc": { "Method": "B" }, "Query": [ { "Name": "a", "Value": "b" } ] }""",
        "Query: not together with Grpc; such a call has no query")]
    [InlineData("""{ "Grpc": { "Regex": false } }""", "Grpc: needs a Service, a Method or both")]
    [InlineData("""{ "Grpc": { "Service": "/a.B" } }""", "Grpc:Service: '/a.B' is no name of a gRPC service, such as shop.v1.Catalog")]
    [InlineData("""{ "Grpc": { "Method": "" } }""", "Grpc:Method: '' is no name of a gRPC method, such as GetItem")]
    [InlineData("""{ "Headers": [ { "Value": "a" } ] }""", "Headers:0:Name: empty")]
    [InlineData("""{ "Headers": [ { "Name": "a b", "Value": "a" } ] }""",
        "Headers:0:Name: 'a b' has a character that HTTP does not allow in such a name")]
    [InlineData("""{ "Headers": [ { "Name": "a", "Value": "1" }, { "Name": "A", "Value": "2" } ] }""",
        "Headers:1:Name: A is also at Mesh:Services:a:Routes:0:Match:Headers:0")]
    [InlineData("""{ "Headers": [ { "Name": "a" } ] }""", "Headers:0: needs exactly one of Value and Regex")]
    [InlineData("""{ "Query": [ { "Name": "a", "Value": "1", "Regex": "1" } ] }""", "Query:0: needs exactly one of Value and Regex")]
    [InlineData("""{ "Method": "G T" }""", "Method: 'G T' is no HTTP method")]
    public void Validate_Match_IsRefusedWithItsPath(string match, string error) =>
        Assert.Equal([$"Mesh:Services:a:Routes:0:Match:{error}"], Errors($$"""{ "Routes": [ { "Match": {{match}} } ] }"""));

    [Theory]
    [InlineData("""{ "Path": { "Regex": "/(" } }""", "Path:Regex")]
    [InlineData("""{ "Path": { "Regex": "/(?=a)" } }""", "Path:Regex")]
    [InlineData("""{ "Headers": [ { "Name": "a", "Regex": "(a)\\1" } ] }""", "Headers:0:Regex")]
    [InlineData("""{ "Query": [ { "Name": "a", "Regex": ")(" } ] }""", "Query:0:Regex")]
    [InlineData("""{ "Grpc": { "Service": "(?<!a)b", "Regex": true } }""", "Grpc:Service")]
    [InlineData("""{ "Grpc": { "Method": "[", "Regex": true } }""", "Grpc:Method")]
    public void Validate_ExpressionThatTheLinearEngineCannotDo_IsRefusedWithItsPath(string match, string path)
    {
        string error = Assert.Single(Errors($$"""{ "Routes": [ { "Match": {{match}} } ] }"""));

        Assert.StartsWith($"Mesh:Services:a:Routes:0:Match:{path}: '", error, StringComparison.Ordinal);
        Assert.Contains("is not a usable regular expression", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "Request": "00:00:00.0001" }""", "Request: 00:00:00.0001000 is not from 00:00:00.0010000 to 30.00:00:00")]
    [InlineData("""{ "Request": "31.00:00:00" }""", "Request: 31.00:00:00 is not from 00:00:00.0010000 to 30.00:00:00")]
    [InlineData("""{ "Request": "00:00:01", "Attempt": "00:00:02" }""", "Attempt: Attempt, 00:00:02, is above Request, 00:00:01")]
    [InlineData("""{ "ResponseHead": "00:00:02", "Attempt": "00:00:01" }""",
        "ResponseHead: ResponseHead, 00:00:02, is above Attempt, 00:00:01")]
    [InlineData("""{ "ResponseHead": "00:00:02", "Request": "00:00:01" }""",
        "ResponseHead: ResponseHead, 00:00:02, is above Request, 00:00:01")]
    [InlineData("""{ "ResponseHead": "00:00:02", "Response": "00:00:01" }""",
        "ResponseHead: ResponseHead, 00:00:02, is above Response, 00:00:01")]
    [InlineData("""{ "Response": "00:00:02", "Request": "00:00:01" }""",
        "Response: Response, 00:00:02, is above Request, 00:00:01")]
    [InlineData("""{ "Attempt": "00:01:00" }""", "Attempt: Attempt, 00:01:00, is above Request, 00:00:50")]
    [InlineData("""{ "Header": "x y" }""", "Header: 'x y' has a character that HTTP does not allow in such a name")]
    [InlineData("""{ "Header": "grpc-timeout" }""", "Header: grpc-timeout belongs to gRPC")]
    [InlineData("""{ "Header": "content-type" }""", "Header: content-type says something else; name one of your own, such as x-timeout-ms")]
    [InlineData("""{ "Header": "Authorization" }""",
        "Header: Authorization says something else; name one of your own, such as x-timeout-ms")]
    [InlineData("""{ "Header": "Cookie" }""", "Header: Cookie says something else; name one of your own, such as x-timeout-ms")]
    [InlineData("""{ "Header": "Host" }""", "Header: Host says something else; name one of your own, such as x-timeout-ms")]
    [InlineData("""{ "Header": "expires" }""", "Header: expires says something else; name one of your own, such as x-timeout-ms")]
    public void Validate_Timeouts_AreRefusedWithTheirPath(string timeouts, string error) => Assert.Equal(
        [$"Mesh:Services:a:Timeouts:{error}"],
        TestMesh.Errors($$"""
            { "Mesh": { "Defaults": { "Timeouts": { "Request": "00:00:50" } }, "Services": { "a": { "Timeouts": {{timeouts}} } } } }
            """));

    [Fact]
    public void Validate_ZeroTimeouts_AreNone() => TestMesh.Options("""
        { "Mesh": { "Services": { "a": {
            "Timeouts": { "Request": "00:00:05", "Attempt": "00:00:00", "ResponseHead": "00:00:04" },
            "Routes": [ { "Timeouts": { "Request": "00:00:00", "Attempt": "00:01:00", "Header": "" } } ] } } } }
        """);

    [Theory]
    [InlineData("""{ "Delay": "00:00:00" }""", "Delay: 00:00:00 is not from 00:00:00.0010000 to 30.00:00:00")]
    [InlineData("""{ "Delay": "00:00:01", "MaxAttempts": 6 }""", "MaxAttempts: 6 is not from 1 to 5")]
    [InlineData("""{ "Delay": "00:00:01", "Percentile": 1 }""", "Percentile: 1 is not between 0 and 1, such as 0.95")]
    [InlineData("""{ "MaxAttempts": 3 }""", "Delay: missing; say how long the first attempt is given, such as 00:00:00.100")]
    public void Validate_Hedging_IsRefusedWithItsPath(string hedging, string error) =>
        Assert.Equal([$"Mesh:Services:a:Hedging:{error}"], Errors($$"""{ "Hedging": {{hedging}} }"""));

    [Theory]
    [InlineData("""{ "Hedging": { "MaxAttempts": 3 } }""")]
    [InlineData("""{ "Routes": [ { "Hedging": { "Percentile": 0.9 } } ] }""")]
    [InlineData("""{ "Limits": { "MaxWaiting": 5, "Rate": { "Burst": 5 } } }""")]
    public void Validate_DefaultsThatAServiceCompletes_AreAllowed(string defaults) =>
        TestMesh.Options($$"""{ "Mesh": { "Defaults": {{defaults}}, "Services": { "a": { } } } }""");

    [Theory]
    [InlineData("b", "b:8080", """{ "Services": { "b": { "Port": 8080 }, "a": { {0} } } }""")]
    [InlineData("b:81", "b:82", """{ "Services": { "b": { "Port": 8080 }, "a": { {0} } } }""")]
    [InlineData("b", "b.default.svc.cluster.local:8080", """{ "Services": { "a": { "Port": 8080, {0} } } }""")]
    [InlineData("a", "a:8080", """{ "Services": { "a": { "Port": 8080, {0} } } }""")]
    public void Validate_OneServiceUnderTwoNames_IsRefused(string one, string other, string mesh)
    {
        string routes = $$"""
            "Routes": [ { "Backends": [ { "Service": "{{one}}" }, { "Service": "{{other}}" } ] } ]
            """;

        Assert.Equal(
            [$"Mesh:Services:a:Routes:0:Backends:1:Service: '{other}' is also at Mesh:Services:a:Routes:0:Backends:0"],
            TestMesh.Errors($$"""{ "Mesh": {{mesh.Replace("{0}", routes, StringComparison.Ordinal)}} }"""));
    }

    [Theory]
    [InlineData("""{ "b": { "Port": 8080, "Ports": { "81": { } } }, {0} }""")]
    [InlineData("""{ {0} }""")]
    public void Validate_OneNameWithTwoPorts_IsAllowed(string services) => TestMesh.Options($$"""{ "Mesh": { "Services": {{services.Replace(
        "{0}",
        """ "a": { "Routes": [ { "Backends": [ { "Service": "b:80" }, { "Service": "b:81" } ] } ] } """,
        StringComparison.Ordinal)}} } }""");

    [Theory]
    [InlineData("""{ "Match": { "Path": { "Prefx": "/a" } } }""", "Match:Path:Prefx")]
    [InlineData("""{ "Match": { "Path": "/a" } }""", "Match:Path")]
    [InlineData("""{ "Match": { "Grpc": { "Methd": "A" } } }""", "Match:Grpc:Methd")]
    [InlineData("""{ "Match": { "Query": [ { "Name": "a", "Valu": "b" } ] } }""", "Match:Query:0:Valu")]
    [InlineData("""{ "Filters": [ { "Mirro": { "Service": "b" } } ] }""", "Filters:0:Mirro")]
    [InlineData("""{ "Filters": [ { "Fault": { "Abort": { "GrpcStatus": "Away" } } } ] }""", "Filters:0:Fault:Abort:GrpcStatus")]
    [InlineData("""{ "Filters": [ { "Fault": { "Delay": { "Fixed": "1s" } } } ] }""", "Filters:0:Fault:Delay:Fixed")]
    public void Validate_WhatCannotBeRead_IsToldOnce(string route, string path) => Assert.StartsWith(
        $"Mesh:Services:a:Routes:0:{path}: ",
        Assert.Single(Errors($$"""{ "Routes": [ {{route}} ] }""")),
        StringComparison.Ordinal);

    [Fact]
    public void Validate_HedgingOffWithoutDelay_IsAllowed() =>
        TestMesh.Options("""{ "Mesh": { "Services": { "a": { "Hedging": { "MaxAttempts": 1 } } } } }""");

    [Fact]
    public void Validate_NullInCode_IsRefusedWithItsPath()
    {
        string[] errors = TestMesh.Errors(o => o.Defaults.Routes =
        [
            null!,
            new() { Matches = [null!], Backends = [null!], Filters = [null!], BackendChoice = (MeshBackendChoice)7, Hosts = [null!] },
            new() { Match = new() { Headers = [null!] } },
        ]);

        Assert.Equal(
            ["0", "1:BackendChoice", "1:Backends:0", "1:Filters:0", "1:Hosts:0", "1:Matches:0", "2:Match:Headers:0"],
            errors.Select(error => error["MeshClientOptions:Defaults:Routes:".Length..].Split(": ")[0]).Order(StringComparer.Ordinal));
    }

    private static string[] Errors(string service) => TestMesh.Errors($$"""{ "Mesh": { "Services": { "a": {{service}} } } }""");
}
