using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Client.FunctionalTests.Grpc;
using Mesh.Client.FunctionalTests.Hosting;

namespace Mesh.Client.FunctionalTests.Routing;

/// <summary>Each kind of match, and which of several is the closest. Every request arrives at the server of the one service.</summary>
public sealed class MatchTests
{
    private static readonly (string Key, string? Value)[] Routes =
    [
        .. Route(0, "host", ("Hosts:0", "other.example")),
        .. Route(1, "below", ("Hosts:0", "*.example.com")),
        .. Route(2, "deeper", ("Hosts:0", "*.shop.example.com")),
        .. Route(3, "beta", ("Match:Headers:0:Name", "x-beta"), ("Match:Headers:0:Value", "yes")),
        .. Route(
            4,
            "two headers",
            ("Match:Headers:0:Name", "x-beta"), ("Match:Headers:0:Value", "yes"),
            ("Match:Headers:1:Name", "x-user"), ("Match:Headers:1:Regex", "test-[0-9]+")),
        .. Route(5, "query", ("Match:Query:0:Name", "page"), ("Match:Query:0:Regex", "[0-9]+")),
        .. Route(6, "put", ("Match:Method", "PUT")),
        .. Route(7, "prefix", ("Match:Path:Prefix", "/items")),
        .. Route(8, "longer prefix", ("Match:Path:Prefix", "/items/new")),
        .. Route(9, "exact", ("Match:Path:Exact", "/items/new/1")),
        .. Route(10, "regex", ("Match:Path:Regex", "/files/[a-z]+\\.txt")),
        .. Route(11, "slow regex", ("Match:Path:Regex", "/(a+)+b")),
        .. Route(12, "or", ("Matches:0:Path:Exact", "/one"), ("Matches:1:Path:Exact", "/two")),
        .. Route(13, "rest"),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Requests => new()
    {
        { "GET /", "rest" },
        { "GET / Host:other.example", "host" },
        { "GET / Host:other.example:8080", "host" },
        { "GET / Host:more.other.example", "rest" },
        { "GET / Host:a.example.com", "below" },
        { "GET / Host:example.com", "rest" },
        { "GET / Host:a.shop.example.com", "deeper" },
        { "GET /items/new/1 Host:other.example", "host" },
        { "GET / x-beta:yes", "beta" },
        { "GET / x-beta:no", "rest" },
        { "GET / x-beta:yes x-user:test-1", "two headers" },
        { "GET / x-beta:yes x-user:pretest-1", "beta" },
        { "GET /?page=12", "query" },
        { "GET /?page=12a", "rest" },
        { "GET /?other=1&page=12", "query" },
        { "PUT /", "put" },
        { "PUT / x-beta:yes", "beta" },
        { "GET /?page=12 x-beta:yes", "beta" },
        { "PUT /?page=12", "query" },
        { "GET /items", "prefix" },
        { "GET /items/1", "prefix" },
        { "GET /itemsy", "rest" },
        { "GET /items/new/2", "longer prefix" },
        { "GET /items/new/1", "exact" },
        { "PUT /items/new/1 x-beta:yes", "exact" },
        { "GET /files/a.txt", "regex" },
        { "GET /files/a.txt.gz", "rest" },
        { "GET /one", "or" },
        { "GET /two", "or" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Request_TakesTheClosest(string text, string route)
    {
        await using Backend server = await Backend.StartAsync();
        await using MeshHost mesh = await RoutedMesh.StartAsync([("catalog", server.Address)], Routes);
        string[] parts = text.Split(' ');
        using var request = new HttpRequestMessage(new HttpMethod(parts[0]), parts[1]);
        foreach (string[] header in parts[2..].Select(part => part.Split(':', 2)))
        {
            request.Headers.Add(header[0], header[1]);
        }

        using HttpResponseMessage response = await mesh.Client().SendAsync(request, Cancellation);

        Assert.Equal(route, response.GetMeshCallInfo()!.Route);
        Assert.Equal(1, server.Hits);
    }

    // An engine that tries all ways would not come back in the age of the universe.
    [Fact]
    public async Task RegularExpression_MeetsItsWorstPath_InNoTime()
    {
        await using Backend server = await Backend.StartAsync();
        await using MeshHost mesh = await RoutedMesh.StartAsync([("catalog", server.Address)], Routes);

        Task<HttpResponseMessage> call = Task.Run(() => mesh.Client().GetAsync($"/{new string('a', 5000)}", Cancellation), Cancellation);
        using HttpResponseMessage response = await call.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);

        Assert.Equal("rest", response.GetMeshCallInfo()!.Route);
    }

    [Theory]
    [InlineData("Who", "method")]
    [InlineData("Download", "service")]
    public async Task GrpcCall_TakesTheClosest(string method, string route)
    {
        await using InProcessServer server = await InProcessServer.GrpcAsync(new ProbeService("probe"));
        await using MeshHost mesh = await RoutedMesh.StartAsync(
            [("catalog", server.Address.Authority)],
            [
                .. Route(0, "service", ("Match:Grpc:Service", "mesh\\.test\\..*"), ("Match:Grpc:Regex", "true")),
                .. Route(1, "method", ("Match:Grpc:Service", "mesh.test.Probe"), ("Match:Grpc:Method", "Who")),
                .. Route(2, "rest"),
            ]);
        using GrpcChannel channel = mesh.Channel();
        var client = new Probe.ProbeClient(channel);
        CallOptions options = new CallOptions(cancellationToken: Cancellation).WithMeshCallInfo();

        Metadata headers;
        if (method == "Who")
        {
            using AsyncUnaryCall<ProbeReply> call = client.WhoAsync(new ProbeRequest(), options);
            Assert.Equal("probe", (await call).Name);
            headers = await call.ResponseHeadersAsync;
        }
        else
        {
            using AsyncServerStreamingCall<ProbeReply> call = client.Download(new ProbeRequest { Count = 1 }, options);
            Assert.True(await call.ResponseStream.MoveNext(Cancellation));
            headers = await call.ResponseHeadersAsync;
        }

        Assert.Equal(route, headers.GetMeshCallInfo()!.Route);
    }

    private static IEnumerable<(string Key, string? Value)> Route(int place, string name, params (string Key, string? Value)[] parts) =>
        [($"Routes:{place}:Name", name), .. parts.Select(part => ($"Routes:{place}:{part.Key}", part.Value))];
}
