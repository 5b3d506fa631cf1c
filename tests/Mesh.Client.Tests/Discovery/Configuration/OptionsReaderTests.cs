using Mesh.Client.Model;

namespace Mesh.Client.Tests.Discovery.Configuration;

public class OptionsReaderTests
{
    [Fact]
    public void Read_EverySetting_IsTaken()
    {
        MeshClientOptions options = TestMesh.Options("""
            { "Mesh": {
                "Namespace": "shop", "ClusterDomain": "example.org", "Domains": [ "shop.internal", "b.internal" ],
                "ControlPlane": { "Address": "http://127.0.0.1:8086" }, "UnknownServices": "passthrough",
                "Defaults": { "Retry": { "MaxRetries": 3 } },
                "Services": { "catalog": {
                    "Port": 8080,
                    "Ports": { "9090": { "Endpoints": [ { "Address": "[::1]:1" } ] } },
                    "Endpoints": [
                        { "Address": "127.0.0.1:5001", "Weight": 2, "Priority": 1, "Zone": "a", "HashKey": "k", "Labels": { "pod": "p" } }
                    ],
                    "LoadBalancing": { "Policy": "ringhash", "TableSize": 251, "MinRingSize": 8, "MaxRingSize": 16,
                        "HashFunction": "murmurhash2", "BoundedLoad": 125, "ChoiceCount": 3, "ScanAll": true,
                        "EndpointKey": { "Label": "pod" },
                        "HashOn": [ { "Header": "x-user-id", "Terminal": true }, { "Cookie": "c" }, { "Query": "q" }, { "Path": true } ] },
                    "FailureAccrual": { "Enabled": true, "MaxFailures": 3, "MinPenalty": "00:00:02", "MaxPenalty": "1.00:00:00",
                        "JitterRatio": 0.25 },
                    "Retry": { "MaxRetries": 2, "On": [ "5xx" ], "Methods": [ "GET", "PURGE" ],
                        "Budget": { "Ratio": 0.5, "MinPerSecond": 1, "Window": "00:00:20" },
                        "MinBackoff": "00:00:00.010", "MaxBackoff": "00:00:00.100", "MaxRetryAfter": "00:00:01" } } } } }
            """);

        Assert.Equal("shop", options.Namespace);
        Assert.Equal("example.org", options.ClusterDomain);
        Assert.Equal(["shop.internal", "b.internal"], options.Domains);
        Assert.Equal(new Uri("http://127.0.0.1:8086"), options.ControlPlane.Address);
        Assert.Equal(UnknownServices.PassThrough, options.UnknownServices);
        Assert.Equal(3, options.Defaults.Retry!.MaxRetries);

        MeshServiceOptions catalog = options.Services["CATALOG"];
        Assert.Equal(8080, catalog.Port);
        Assert.Equal("[::1]:1", catalog.Ports[9090].Endpoints![0].Address);
        Assert.Equivalent(
            new MeshEndpointOptions
            {
                Address = "127.0.0.1:5001",
                Weight = 2,
                Priority = 1,
                Zone = "a",
                HashKey = "k",
                Labels = { ["pod"] = "p" },
            },
            Assert.Single(catalog.Endpoints!));
        LoadBalancingOptions balancing = catalog.LoadBalancing!;
        Assert.Equal(
            ("ringhash", 251, 8, 16, 125, RingHashFunction.MurmurHash2),
            (balancing.Policy, balancing.TableSize, balancing.MinRingSize, balancing.MaxRingSize, balancing.BoundedLoad,
                balancing.HashFunction));
        Assert.Equal((3, true), (balancing.ChoiceCount, balancing.ScanAll));
        Assert.Equal(new EndpointKey(EndpointKeyKind.Label, "pod"), balancing.EndpointKey!.Key);
        Assert.Equivalent(
            new HashOnOptions[]
            {
                new() { Header = "x-user-id", Terminal = true }, new() { Cookie = "c" }, new() { Query = "q" }, new() { Path = true },
            },
            balancing.HashOn);
        Assert.Equivalent(
            new FailureAccrualOptions
            {
                Enabled = true,
                MaxFailures = 3,
                MinPenalty = TimeSpan.FromSeconds(2),
                MaxPenalty = TimeSpan.FromDays(1),
                JitterRatio = 0.25,
            },
            catalog.FailureAccrual);
        Assert.Equivalent(
            new RetryOptions
            {
                MaxRetries = 2,
                On = ["5xx"],
                Methods = ["GET", "PURGE"],
                Budget = new() { Ratio = 0.5, MinPerSecond = 1, Window = TimeSpan.FromSeconds(20) },
                MinBackoff = TimeSpan.FromMilliseconds(10),
                MaxBackoff = TimeSpan.FromMilliseconds(100),
                MaxRetryAfter = TimeSpan.FromSeconds(1),
            },
            catalog.Retry);
    }

    [Theory]
    [InlineData("\"Address\"", "Address")]
    [InlineData("\"hashkey\"", "HashKey")]
    public void Read_EndpointKeyAsText_IsTaken(string key, string expected)
    {
        MeshClientOptions options = TestMesh.Options($$"""{ "Mesh": { "Defaults": { "LoadBalancing": { "EndpointKey": {{key}} } } } }""");

        Assert.Equal(expected, options.Defaults.LoadBalancing!.EndpointKey!.Key.Kind.ToString());
    }

    [Theory]
    [InlineData("[]", 0)]
    [InlineData("null", null)]
    public void Read_EndpointsWithoutElements_EmptyIsKnownAndNullIsNotSet(string endpoints, int? count)
    {
        MeshClientOptions options = TestMesh.Options($$"""{ "Mesh": { "Services": { "catalog": { "Endpoints": {{endpoints}} } } } }""");

        Assert.Equal(count, options.Services["catalog"].Endpoints?.Count);
    }

    [Fact]
    public void Read_NullsAndEmptySections_AreNotSet()
    {
        MeshClientOptions options = TestMesh.Options("""
            { "Mesh": { "Namespace": null, "ControlPlane": null, "Domains": null, "Defaults": {}, "UnknownServices": null,
                "Services": { "a": null, "b": {}, "c": { "Port": null, "Ports": null, "Retry": null,
                    "LoadBalancing": { "EndpointKey": null, "HashOn": null } } } } }
            """);

        Assert.Equal("default", options.Namespace);
        Assert.Null(options.Services["c"].Port);
        Assert.Null(options.Services["c"].Retry);
        Assert.Equal(["a", "b", "c"], options.Services.Keys);
    }

    [Fact]
    public void Read_NoSection_LeavesDefaults() => Assert.Equal("default", TestMesh.Options("{ }").Namespace);

    [Fact]
    public void Read_KeysOfOtherPackages_AreLeftAlone() => TestMesh.Options("""
        { "Mesh": { "Server": { "Service": "a", "Any": [ 1 ] }, "Kubernetes": { "X": 1 }, "Xds": "x", "Telemetry": null } }
        """);

    [Fact]
    public void Read_AfterCode_RefinesWhatCodeSet()
    {
        var options = new MeshClientOptions { Namespace = "code" };
        options.Domains.Add("code.internal");
        options.Services["catalog"] = new() { Port = 1, Retry = new() { MaxRetries = 3 } };

        Client.Discovery.Configuration.OptionsReader.Read(
            TestMesh.Json("""
                { "Mesh": { "Domains": [ "file.internal" ], "Services": { "Catalog": { "Retry": { "On": [] } } } } }
                """).GetSection("Mesh"),
            options);

        Assert.Empty(options.ReadErrors);
        Assert.Equal("code", options.Namespace);
        Assert.Equal(["file.internal"], options.Domains);
        MeshServiceOptions catalog = Assert.Single(options.Services).Value;
        Assert.Equal(1, catalog.Port);
        Assert.Equal(3, catalog.Retry!.MaxRetries);
        Assert.Empty(catalog.Retry.On!);
    }
}
