namespace Mesh.Client.Tests.Discovery.Configuration;

public class OptionsReaderErrorTests
{
    private const string Policy = "LoadBalancing, FailureAccrual, Retry, Limits, Routes, Filters, Timeouts, Hedging, WarmConnections";
    private const string Filter = "RequestHeaders, ResponseHeaders, Rewrite, Redirect, Fault, Mirror";

    [Theory]
    [InlineData("""{ "Mesh": { "Namespce": "a" } }""",
        "Mesh:Namespce: unknown key; did you mean Namespace? "
        + "Known here: Namespace, ClusterDomain, Domains, ControlPlane, Linkerd, Identity, Telemetry, UnknownServices, Defaults, Services")]
    [InlineData("""{ "Mesh": { "Services": { "catalog": { "LoadBalancing": { "Polcy": "Maglev" } } } } }""",
        "Mesh:Services:catalog:LoadBalancing:Polcy: unknown key; did you mean Policy? "
        + "Known here: Policy, TableSize, MinRingSize, MaxRingSize, HashFunction, BoundedLoad, ChoiceCount, ScanAll, EndpointKey, HashOn")]
    [InlineData("""{ "Mesh": { "Services": { "catalog": { "Tracing": null } } } }""",
        "Mesh:Services:catalog:Tracing: unknown key; known here: Port, Ports, ClusterIP, Endpoints, " + Policy)]
    [InlineData("""{ "Mesh": { "Services": { "catalog": { "Ports": { "80": { "Port": 1 } } } } } }""",
        "Mesh:Services:catalog:Ports:80:Port: unknown key; known here: Endpoints, " + Policy)]
    [InlineData("""{ "Mesh": { "Defaults": { "Endpoints": [] } } }""",
        "Mesh:Defaults:Endpoints: unknown key; known here: " + Policy)]
    [InlineData("""{ "Mesh": { "Identity": { "Password": "x" } } }""",
        "Mesh:Identity:Password: unknown key; known here: "
        + "Source, Mode, CertificateFile, PrivateKeyFile, TrustBundle, TokenFile, Name, Socket")]
    [InlineData("""{ "Mesh": { "ControlPlane": { "Adress": "http://a" } } }""",
        "Mesh:ControlPlane:Adress: unknown key; did you mean Address? Known here: Address, Identity, Policies")]
    [InlineData("""{ "Mesh": { "Defaults": { "Retry": { "Budget": { "Ration": 1 } } } } }""",
        "Mesh:Defaults:Retry:Budget:Ration: unknown key; did you mean Ratio? Known here: Ratio, MinPerSecond, Window")]
    [InlineData("""{ "Mesh": { "Services": { "a": { "Endpoints": [ { "Address": "h:1", "Certificate": "x" } ] } } } }""",
        "Mesh:Services:a:Endpoints:0:Certificate: unknown key; known here: "
        + "Address, Weight, Priority, Zone, HashKey, Identity, ServerName, Framing, InboundPort, Labels")]
    [InlineData("""{ "Mesh": { "Defaults": { "LoadBalancing": { "EndpointKey": { "Lable": "pod" } } } } }""",
        "Mesh:Defaults:LoadBalancing:EndpointKey:Lable: unknown key; did you mean Label? Known here: Label")]
    [InlineData("""{ "Mesh": { "Defaults": { "Routes": [ { "Matches": [ { "Paths": {} } ] } ] } } }""",
        "Mesh:Defaults:Routes:0:Matches:0:Paths: unknown key; did you mean Path? Known here: Path, Grpc, Headers, Query, Method")]
    [InlineData("""{ "Mesh": { "Defaults": { "Routes": [ { "Backend": [] } ] } } }""",
        "Mesh:Defaults:Routes:0:Backend: unknown key; did you mean Backends? "
        + "Known here: Name, Hosts, Match, Matches, Backends, BackendChoice, Filters, Retry, Timeouts, Hedging")]
    [InlineData("""{ "Mesh": { "Defaults": { "Filters": [ { "Fault": { "Abort": { "Status": 500 } }, "Mirro": "x" } ] } } }""",
        "Mesh:Defaults:Filters:0:Mirro: unknown key; did you mean Mirror? Known here: " + Filter)]
    [InlineData("""{ "Mesh": { "Defaults": { "Timeouts": { "BackendRequest": "00:00:01" } } } }""",
        "Mesh:Defaults:Timeouts:BackendRequest: unknown key; known here: Request, Attempt, ResponseHead, Response, Idle, Header")]
    [InlineData("""{ "Mesh": { "Defaults": { "Hedging": { "Delay": "00:00:01", "Attempts": 2 } } } }""",
        "Mesh:Defaults:Hedging:Attempts: unknown key; did you mean MaxAttempts? Known here: Delay, Percentile, MaxAttempts")]
    public void Read_UnknownKey_IsRefusedWithItsPath(string json, string error) => Assert.Equal([error], TestMesh.Errors(json));

    [Theory]
    [InlineData("""{ "Mesh": "on" }""", "Mesh: the value 'on' where a section is expected")]
    [InlineData("""{ "Mesh": { "Services": "a" } }""", "Mesh:Services: the value 'a' where a section is expected")]
    [InlineData("""{ "Mesh": { "Defaults": { "Retry": 3 } } }""", "Mesh:Defaults:Retry: the value '3' where a section is expected")]
    [InlineData("""{ "Mesh": { "Namespace": { "a": 1 } } }""", "Mesh:Namespace: a section where a value is expected")]
    [InlineData("""{ "Mesh": { "Domains": "a" } }""", "Mesh:Domains: the value 'a' where a list is expected")]
    [InlineData("""{ "Mesh": { "Domains": { "first": "a" } } }""", "Mesh:Domains:first: a key where a list is expected")]
    [InlineData("""{ "Mesh": { "Domains": [ "a", null ] } }""", "Mesh:Domains:1: no value")]
    [InlineData("""{ "Mesh": { "UnknownServices": "1" } }""", "Mesh:UnknownServices: '1' is unknown; choose from Fail, PassThrough")]
    [InlineData("""{ "Mesh": { "ControlPlane": { "Address": "http://" } } }""", "Mesh:ControlPlane:Address: 'http://' is no address")]
    [InlineData("""{ "Mesh": { "Services": { "a": { "Port": "http" } } } }""", "Mesh:Services:a:Port: 'http' is no whole number")]
    [InlineData("""{ "Mesh": { "Services": { "a": { "Port": "" } } } }""", "Mesh:Services:a:Port: '' is no whole number")]
    [InlineData("""{ "Mesh": { "Services": { "a": { "Ports": { "http": {} } } } } }""",
        "Mesh:Services:a:Ports:http: 'http' is no port; write a number from 1 to 65535")]
    [InlineData("""{ "Mesh": { "Services": { "a": { "Ports": { "080": {} } } } } }""",
        "Mesh:Services:a:Ports:080: '080' is no port; write a number from 1 to 65535")]
    [InlineData("""{ "Mesh": { "Defaults": { "LoadBalancing": { "Policy": "2" } } } }""",
        "Mesh:Defaults:LoadBalancing:Policy: '2' is unknown; choose from PeakEwma, RoundRobin, Maglev, RingHash, Random, LeastRequest")]
    [InlineData("""{ "Mesh": { "Defaults": { "LoadBalancing": { "HashFunction": "sha1" } } } }""",
        "Mesh:Defaults:LoadBalancing:HashFunction: 'sha1' is unknown; choose from XxHash64, MurmurHash2")]
    [InlineData("""{ "Mesh": { "Defaults": { "LoadBalancing": { "EndpointKey": "Pod" } } } }""",
        "Mesh:Defaults:LoadBalancing:EndpointKey: 'Pod' is unknown; choose from Address, HashKey, { \"Label\": \"…\" }")]
    [InlineData("""{ "Mesh": { "Defaults": { "LoadBalancing": { "EndpointKey": { "Label": "" } } } } }""",
        "Mesh:Defaults:LoadBalancing:EndpointKey: the label's name is empty")]
    [InlineData("""{ "Mesh": { "Defaults": { "FailureAccrual": { "Enabled": "yes" } } } }""",
        "Mesh:Defaults:FailureAccrual:Enabled: 'yes' is neither true nor false")]
    [InlineData("""{ "Mesh": { "Defaults": { "FailureAccrual": { "JitterRatio": "half" } } } }""",
        "Mesh:Defaults:FailureAccrual:JitterRatio: 'half' is no number")]
    [InlineData("""{ "Mesh": { "Defaults": { "FailureAccrual": { "MinPenalty": 10 } } } }""",
        "Mesh:Defaults:FailureAccrual:MinPenalty: '10' is no duration; write it as hh:mm:ss, such as 00:00:10 or 00:00:00.250")]
    [InlineData("""{ "Mesh": { "Defaults": { "Retry": { "MinBackoff": "25ms" } } } }""",
        "Mesh:Defaults:Retry:MinBackoff: '25ms' is no duration; write it as hh:mm:ss, such as 00:00:10 or 00:00:00.250")]
    [InlineData("""{ "Mesh": { "Defaults": { "Routes": { "v2": {} } } } }""", "Mesh:Defaults:Routes:v2: a key where a list is expected")]
    [InlineData("""{ "Mesh": { "Defaults": { "Routes": [ { "BackendChoice": "First" } ] } } }""",
        "Mesh:Defaults:Routes:0:BackendChoice: 'First' is unknown; choose from Weighted, FirstAvailable")]
    [InlineData("""{ "Mesh": { "Defaults": { "Timeouts": { "Request": 10 } } } }""",
        "Mesh:Defaults:Timeouts:Request: '10' is no duration; write it as hh:mm:ss, such as 00:00:10 or 00:00:00.250")]
    public void Read_MalformedValue_IsRefusedWithItsPath(string json, string error) => Assert.Equal([error], TestMesh.Errors(json));

    [Fact]
    public void Read_ValueAndKeys_IsRefused() => Assert.Equal(
        ["Mesh:Defaults:Retry: both a value, 'x', and keys below it"],
        TestMesh.Errors(TestMesh.Pairs(("Mesh:Defaults:Retry", "x"), ("Mesh:Defaults:Retry:MaxRetries", "1"))));

    [Fact]
    public void Read_SeveralMistakes_AllComeAtOnceWithThoseOfTheRules()
    {
        string[] errors = TestMesh.Errors("""
            { "Mesh": { "Namespace": "a_b", "Polcy": 1,
                "Services": { "catalog": { "Port": 0, "Endpoints": [ { "Weight": "x" } ], "Retry": { "MaxRetries": 11, "Ons": [] } } } } }
            """);

        Assert.Equal(
            [
                "Mesh:Namespace", "Mesh:Polcy", "Mesh:Services:catalog:Endpoints:0:Address", "Mesh:Services:catalog:Endpoints:0:Weight",
                "Mesh:Services:catalog:Port", "Mesh:Services:catalog:Retry:MaxRetries", "Mesh:Services:catalog:Retry:Ons",
            ],
            errors.Select(error => error[..error.IndexOf(": ", StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
    }
}
