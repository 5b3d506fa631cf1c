namespace Mesh.Client.Tests.Discovery.Configuration;

public class OptionsValidatorTests
{
    private const string Condition = "no condition; write one such as gateway-error, 503, 500-504 or a gRPC status such as unavailable";

    [Theory]
    [InlineData("""{ "Namespace": "" }""", "Mesh:Namespace: '' is empty")]
    [InlineData("""{ "Namespace": "a.b" }""", "Mesh:Namespace: 'a.b' has more than one label")]
    [InlineData("""{ "ClusterDomain": "cluster local" }""",
        "Mesh:ClusterDomain: 'cluster local' has the illegal character ' '; a name is letters, digits, '-' and '.'")]
    [InlineData("""{ "ClusterDomain": "cluster..local" }""", "Mesh:ClusterDomain: 'cluster..local' has an empty label")]
    [InlineData("""{ "Domains": [ "a.b", "-a.b" ] }""", "Mesh:Domains:1: '-a.b' has a label that begins or ends with '-', '-a'")]
    [InlineData("""{ "ControlPlane": { "Address": "127.0.0.1:80" } }""",
        "Mesh:ControlPlane:Address: '127.0.0.1:80' is no absolute http or https address")]
    [InlineData("""{ "ControlPlane": { "Address": "ftp://a/" } }""",
        "Mesh:ControlPlane:Address: 'ftp://a' is no absolute http or https address")]
    [InlineData("""{ "ControlPlane": { "Address": "ftp://user:pl4nted@a/" } }""",
        "Mesh:ControlPlane:Address: 'ftp://a' is no absolute http or https address")]
    [InlineData("""{ "ControlPlane": { "Address": "user:pl4nted@a:80" } }""",
        "Mesh:ControlPlane:Address: 'a:80' is no absolute http or https address")]
    [InlineData("""{ "Services": { "my_catalog": {} } }""",
        "Mesh:Services:my_catalog: the service's name has the illegal character '_'; a name is letters, digits, '-' and '.'")]
    [InlineData("""{ "Services": { "10.0.0.1": {} } }""", "Mesh:Services:10.0.0.1: an IP address is no service's name")]
    [InlineData("""{ "Services": { "catalog": {}, "Catalog.Default": {} } }""",
        "Mesh:Services:Catalog.Default: the same service as Mesh:Services:catalog, catalog.default.svc.cluster.local")]
    [InlineData("""{ "Services": { "a": { "ClusterIP": "10.96.1" } } }""", "Mesh:Services:a:ClusterIP: '10.96.1' is no IP address")]
    [InlineData("""{ "Services": { "a": { "ClusterIP": "::1:2" }, "b": { "ClusterIP": "0::1:2" } } }""",
        "Mesh:Services:b:ClusterIP: 0::1:2 is Mesh:Services:a:ClusterIP too")]
    [InlineData("""{ "Linkerd": { "Enabled": true, "ServiceAccount": "a", "ControlPlaneNamespace": "a.b" } }""",
        "Mesh:Linkerd:ControlPlaneNamespace: 'a.b' has more than one label")]
    [InlineData("""{ "Services": { "a": { "Port": 65536 } } }""", "Mesh:Services:a:Port: 65536 is not from 1 to 65535")]
    [InlineData("""{ "Services": { "a": { "Ports": { "0": {} } } } }""",
        "Mesh:Services:a:Ports:0: '0' is no port; write a number from 1 to 65535")]
    [InlineData("""{ "Services": { "a": { "Ports": { "70000": {} } } } }""", "Mesh:Services:a:Ports:70000: 70000 is not from 1 to 65535")]
    [InlineData("""{ "Services": { "a": { "Endpoints": [ {} ] } } }""",
        "Mesh:Services:a:Endpoints:0:Address: missing; write host:port, such as 127.0.0.1:5001")]
    [InlineData("""{ "Services": { "a": { "Endpoints": [ { "Address": "127.0.0.1" } ] } } }""",
        "Mesh:Services:a:Endpoints:0:Address: '127.0.0.1' is no host:port, such as 127.0.0.1:5001, [::1]:5001 or catalog.internal:5001")]
    [InlineData("""{ "Services": { "a": { "Endpoints": [ { "Address": "H:1" }, { "Address": "g:1" }, { "Address": "h:1" } ] } } }""",
        "Mesh:Services:a:Endpoints:2:Address: h:1 is also at Mesh:Services:a:Endpoints:0:Address")]
    [InlineData("""{ "Services": { "a": { "Ports": { "80": { "Endpoints": [ { "Address": "h:0" } ] } } } } }""",
        "Mesh:Services:a:Ports:80:Endpoints:0:Address: 'h:0' is no host:port, such as 127.0.0.1:5001, [::1]:5001 or catalog.internal:5001")]
    [InlineData("""{ "Services": { "a": { "Endpoints": [ { "Address": "h:1", "Weight": 0 } ] } } }""",
        "Mesh:Services:a:Endpoints:0:Weight: 0 is not from 1 to 1000000")]
    [InlineData("""{ "Services": { "a": { "Endpoints": [ { "Address": "h:1", "Priority": -1 } ] } } }""",
        "Mesh:Services:a:Endpoints:0:Priority: -1 is below 0")]
    [InlineData("""{ "Services": { "a": { "Endpoints": [ { "Address": "h:1", "HashKey": "" } ] } } }""",
        "Mesh:Services:a:Endpoints:0:HashKey: empty; leave it out")]
    [InlineData("""{ "Defaults": { "LoadBalancing": { "TableSize": 65536 } } }""",
        "Mesh:Defaults:LoadBalancing:TableSize: 65536 is no prime up to 5000011, such as 65537")]
    [InlineData("""{ "Defaults": { "LoadBalancing": { "TableSize": 5000077 } } }""",
        "Mesh:Defaults:LoadBalancing:TableSize: 5000077 is no prime up to 5000011, such as 65537")]
    [InlineData("""{ "Defaults": { "LoadBalancing": { "TableSize": 1 } } }""",
        "Mesh:Defaults:LoadBalancing:TableSize: 1 is no prime up to 5000011, such as 65537")]
    [InlineData("""{ "Defaults": { "LoadBalancing": { "TableSize": 9 } } }""",
        "Mesh:Defaults:LoadBalancing:TableSize: 9 is no prime up to 5000011, such as 65537")]
    [InlineData("""{ "Defaults": { "LoadBalancing": { "MinRingSize": 0 } } }""",
        "Mesh:Defaults:LoadBalancing:MinRingSize: 0 is not from 1 to 8388608")]
    [InlineData("""{ "Defaults": { "LoadBalancing": { "MaxRingSize": 8388609 } } }""",
        "Mesh:Defaults:LoadBalancing:MaxRingSize: 8388609 is not from 1 to 8388608")]
    [InlineData("""{ "Defaults": { "LoadBalancing": { "BoundedLoad": 99 } } }""",
        "Mesh:Defaults:LoadBalancing:BoundedLoad: 99 is no percentage from 100, such as 125, nor 0 for no bound")]
    [InlineData("""{ "Defaults": { "LoadBalancing": { "BoundedLoad": -1 } } }""",
        "Mesh:Defaults:LoadBalancing:BoundedLoad: -1 is no percentage from 100, such as 125, nor 0 for no bound")]
    [InlineData("""{ "Defaults": { "LoadBalancing": { "ChoiceCount": 1 } } }""",
        "Mesh:Defaults:LoadBalancing:ChoiceCount: 1 is not from 2 to 100")]
    [InlineData("""{ "Defaults": { "LoadBalancing": { "MaxRingSize": 512 } } }""",
        "Mesh:Defaults:LoadBalancing:MaxRingSize: MinRingSize, 1024, is above MaxRingSize, 512")]
    [InlineData("""{ "Defaults": { "LoadBalancing": { "HashOn": [ {} ] } } }""",
        "Mesh:Defaults:LoadBalancing:HashOn:0: needs exactly one of Header, Cookie, Query and Path")]
    [InlineData("""{ "Defaults": { "LoadBalancing": { "HashOn": [ { "Path": true }, { "Header": "a", "Path": true } ] } } }""",
        "Mesh:Defaults:LoadBalancing:HashOn:1: needs exactly one of Header, Cookie, Query and Path")]
    [InlineData("""{ "Defaults": { "LoadBalancing": { "HashOn": [ { "Header": "" } ] } } }""",
        "Mesh:Defaults:LoadBalancing:HashOn:0:Header: empty")]
    [InlineData("""{ "Defaults": { "LoadBalancing": { "HashOn": [ { "Cookie": "a b" } ] } } }""",
        "Mesh:Defaults:LoadBalancing:HashOn:0:Cookie: 'a b' has a character that HTTP does not allow in such a name")]
    [InlineData("""{ "Defaults": { "LoadBalancing": { "HashOn": [ { "Query": "" } ] } } }""",
        "Mesh:Defaults:LoadBalancing:HashOn:0:Query: empty")]
    [InlineData("""{ "Defaults": { "FailureAccrual": { "MaxFailures": 0 } } }""", "Mesh:Defaults:FailureAccrual:MaxFailures: 0 is below 1")]
    [InlineData("""{ "Defaults": { "FailureAccrual": { "MinPenalty": "00:00:00" } } }""",
        "Mesh:Defaults:FailureAccrual:MinPenalty: 00:00:00 is not above zero")]
    [InlineData("""{ "Defaults": { "FailureAccrual": { "MinPenalty": "00:02:00" } } }""",
        "Mesh:Defaults:FailureAccrual:MinPenalty: MinPenalty, 00:02:00, is above MaxPenalty, 00:01:00")]
    [InlineData("""{ "Defaults": { "FailureAccrual": { "JitterRatio": 1.5 } } }""",
        "Mesh:Defaults:FailureAccrual:JitterRatio: 1.5 is not from 0 to 1")]
    [InlineData("""{ "Defaults": { "FailureAccrual": { "JitterRatio": "NaN" } } }""",
        "Mesh:Defaults:FailureAccrual:JitterRatio: NaN is not from 0 to 1")]
    [InlineData("""{ "Defaults": { "Retry": { "MaxRetries": -1 } } }""", "Mesh:Defaults:Retry:MaxRetries: -1 is not from 0 to 10")]
    [InlineData("""{ "Defaults": { "Retry": { "On": [ "5xx", "ok" ] } } }""", "Mesh:Defaults:Retry:On:1: 'ok' is " + Condition)]
    [InlineData("""{ "Defaults": { "Retry": { "Methods": [ "GET", "G T" ] } } }""",
        "Mesh:Defaults:Retry:Methods:1: 'G T' is no HTTP method")]
    [InlineData("""{ "Defaults": { "Retry": { "Budget": { "Ratio": 1001 } } } }""",
        "Mesh:Defaults:Retry:Budget:Ratio: 1001 is not from 0 to 1000")]
    [InlineData("""{ "Defaults": { "Retry": { "Budget": { "MinPerSecond": -1 } } } }""",
        "Mesh:Defaults:Retry:Budget:MinPerSecond: -1 is below 0")]
    [InlineData("""{ "Defaults": { "Retry": { "Budget": { "Window": "00:01:01" } } } }""",
        "Mesh:Defaults:Retry:Budget:Window: 00:01:01 is not from 00:00:01 to 00:01:00")]
    [InlineData("""{ "Defaults": { "Retry": { "MaxBackoff": "00:00:00.010" } } }""",
        "Mesh:Defaults:Retry:MaxBackoff: MinBackoff, 00:00:00.0250000, is above MaxBackoff, 00:00:00.0100000")]
    [InlineData("""{ "Defaults": { "Retry": { "MaxRetryAfter": "-00:00:01" } } }""",
        "Mesh:Defaults:Retry:MaxRetryAfter: -00:00:01 is not above zero")]
    [InlineData("""{ "Defaults": { "FailureAccrual": { "MinPenalty": "00:00:50" } }, "Services": { "a": {}, """
        + """ "b": { "FailureAccrual": { "MaxPenalty": "00:00:40" }, "Ports": { "80": { "FailureAccrual": { "MaxFailures": 1 } } } } } }""",
        "Mesh:Services:b:FailureAccrual:MaxPenalty: MinPenalty, 00:00:50, is above MaxPenalty, 00:00:40")]
    public void Validate_BrokenRule_IsRefusedWithItsPath(string mesh, string error) =>
        Assert.Equal([error], TestMesh.Errors($$"""{ "Mesh": {{mesh}} }"""));

    [Fact]
    public void Validate_PortTogetherWithPorts_IsAllowed() =>
        TestMesh.Options("""{ "Mesh": { "Services": { "a": { "Port": 80, "Ports": { "81": {} } } } } }""");

    [Fact]
    public void Validate_LongNames_AreRefused()
    {
        string label = new('a', 64);
        string name = string.Join('.', Enumerable.Repeat("abcdefgh", 29));

        string[] errors = TestMesh.Errors(o =>
        {
            o.Namespace = label;
            o.ClusterDomain = name;
        });

        Assert.Equal(
            [
                $"MeshClientOptions:Namespace: '{label}' has a label longer than 63 characters, '{label}'",
                $"MeshClientOptions:ClusterDomain: '{name}' is longer than 253 characters",
            ],
            errors);
    }

    [Fact]
    public void Validate_OptionsFromCode_AreHeldToTheSameRules()
    {
        string[] errors = TestMesh.Errors(o =>
        {
            o.Namespace = null!;
            o.Domains.Add(null!);
            o.UnknownServices = (UnknownServices)7;
            o.Defaults.Port = 1;
            o.Defaults.Ports[1] = new();
            o.Defaults.Endpoints = [];
            o.Defaults.LoadBalancing = new() { Policy = "9", HashOn = [null!] };
            o.Defaults.Retry = new() { On = [null!], Methods = [null!] };
            o.Services["a"] = null!;
            o.Services["b"] =
                new() { Endpoints = [null!], Ports = { [0] = new(), [1] = null!, [2] = new() { Port = 3, Ports = { [4] = new() } } } };
        });

        Assert.Equal(
            [
                "Namespace: '' is empty",
                "Domains:0: '' is empty",
                "UnknownServices: 7 is unknown",
                "Defaults:Port: only a service has a port",
                "Defaults:Ports: only a service has ports",
                "Defaults:Endpoints: only a service has endpoints",
                "Defaults:LoadBalancing:Policy: '9' is unknown; choose from PeakEwma, RoundRobin, Maglev, RingHash, Random, LeastRequest",
                "Defaults:LoadBalancing:HashOn:0: needs exactly one of Header, Cookie, Query and Path",
                "Defaults:Retry:On:0: '' is " + Condition,
                "Defaults:Retry:Methods:0: '' is no HTTP method",
                "Services:a: is null",
                "Services:b:Endpoints:0: is null",
                "Services:b:Ports:0: 0 is not from 1 to 65535",
                "Services:b:Ports:1: is null",
                "Services:b:Ports:2:Port: a port's entry has no port of its own",
                "Services:b:Ports:2:Ports: a port's entry has no ports of its own",
            ],
            errors.Select(error => error["MeshClientOptions:".Length..]));
    }

    [Fact]
    public void Validate_CodeAfterTheSection_IsReportedUnderTheSection() => Assert.Equal(
        [
            "Mesh:Nmespace: unknown key; did you mean Namespace? "
            + "Known here: Namespace, ClusterDomain, Domains, ControlPlane, Linkerd, Identity, Telemetry, UnknownServices, Defaults, Services",
            "Mesh:Services:a:Port: 0 is not from 1 to 65535",
        ],
        TestMesh.Errors(TestMesh.Pairs(("Mesh:Nmespace", "x")), o => o.Services["a"] = new() { Port = 0 }));
}
