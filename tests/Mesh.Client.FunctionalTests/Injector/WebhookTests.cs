using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Mesh.Client.AspNetCore.Injector;
using Mesh.Client.FunctionalTests.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.FunctionalTests.Injector;

/// <summary>The webhook as an API server sees it.</summary>
public sealed class WebhookTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private InjectorHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await InjectorHost.StartAsync(
        new MeshSettings { ["Authority:Directory"] = _folder.File("ca") });

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Create_Pod_GetsAPatchAndIsLogged()
    {
        JsonNode response = await _host.ReviewAsync(InjectorHost.Review(InjectorHost.Pod()));

        Assert.Equal("JSONPatch", (string?)response["patchType"]);
        JsonArray patch = JsonNode.Parse(Convert.FromBase64String((string)response["patch"]!))!.AsArray();
        Assert.Equal(
            ["/spec/containers/0/env", "/spec/containers/0/volumeMounts", "/spec/volumes", "/metadata/annotations"],
            patch.Select(operation => (string?)operation!["path"]));
        Assert.Null(response["warnings"]);
        Assert.Equal(
            "Injected into pod shop/web-7f-*, containers web: token, anchors, environment.",
            Assert.Single(_host.Logs.GetSnapshot(), record => record.Id.Name == "PodInjected").Message);
    }

    [Fact]
    public async Task OtherEndpoint_OfTheSameProcess_HasNoInjector()
    {
        using var client = new HttpClient
        {
            BaseAddress = _host.Address,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        client.DefaultRequestHeaders.Host = "mesh-injector.mesh.svc";
        using var content = new StringContent(InjectorHost.Review(InjectorHost.Pod()).ToJsonString(), Encoding.UTF8, "application/json");

        using HttpResponseMessage response =
            await client.PostAsync(new Uri("/mesh/inject", UriKind.Relative), content, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.DoesNotContain(_host.Logs.GetSnapshot(), record => record.Id.Name == "PodInjected");
    }

    [Fact]
    public async Task Create_DryRun_IsLoggedAsOne()
    {
        JsonNode response = await _host.ReviewAsync(InjectorHost.Review(InjectorHost.Pod(), dryRun: true));

        Assert.NotNull(response["patch"]);
        Assert.Contains(_host.Logs.GetSnapshot(), record => record.Id.Name == "PodDryRun");
    }

    [Fact]
    public async Task Http1_ReviewAfterReview_KeepsTheConnection()
    {
        // As an API server speaks: a connection that is closed after an answer meets its next request.
        int handshakes = 0;
        using HttpClient client = InjectorClient.Create(
            _host.Port, "mesh-injector.mesh.svc", () => _host.Authority.TrustBundlePem, _ => handshakes++);
        client.DefaultRequestVersion = HttpVersion.Version11;

        string review = InjectorHost.Review(InjectorHost.Pod()).ToJsonString();
        foreach (string body in new[] { review, "garbage", review })
        {
            await _host.PostAsync(body, client: client);
        }

        Assert.Equal(1, handshakes);
    }

    [Theory]
    [InlineData("UPDATE", null)]
    [InlineData("DELETE", null)]
    [InlineData("CONNECT", null)]
    [InlineData("CREATE", "ephemeralcontainers")]
    public async Task OtherOperation_IsAllowedAsItIs(string operation, string? subResource)
    {
        JsonObject review = InjectorHost.Review(operation == "DELETE" ? null : InjectorHost.Pod(), operation);
        review["request"]!["subResource"] = subResource;

        JsonNode response = await _host.ReviewAsync(review);

        Assert.Null(response["patch"]);
        Assert.Null(response["patchType"]);
    }

    [Fact]
    public async Task Create_WithSomethingLeftOut_Warns()
    {
        JsonObject pod = InjectorHost.Pod();
        pod["spec"]!["containers"]![0]!["volumeMounts"] =
            JsonNode.Parse("""[{ "name": "mine", "mountPath": "/var/run/secrets/mesh.client" }]""");

        JsonNode response = await _host.ReviewAsync(InjectorHost.Review(pod));

        const string warning = "container 'web': /var/run/secrets/mesh.client is taken by volume 'mine'; "
            + "the token cannot be mounted, and the container gets no identity";
        Assert.Equal([warning], response["warnings"]!.AsArray().Select(text => (string?)text));
        Assert.Equal(
            $"Pod shop/web-7f-* does not get all: {warning}.",
            Assert.Single(_host.Logs.GetSnapshot(), record => record.Level is LogLevel.Warning && record.Id.Name == "PodLeftOut").Message);
    }

    [Theory]
    [InlineData("apiVersion", "\"admission.k8s.io/v1beta1\"", "apiVersion is 'admission.k8s.io/v1beta1', and only "
        + "admission.k8s.io/v1 is served: the webhook's admissionReviewVersions must be [\"v1\"]")]
    [InlineData("apiVersion", "1", "apiVersion is missing, and only admission.k8s.io/v1 is served: "
        + "the webhook's admissionReviewVersions must be [\"v1\"]")]
    [InlineData("kind", "\"ConversionReview\"", "kind is 'ConversionReview', not AdmissionReview")]
    [InlineData("request", "null", "request is missing")]
    [InlineData("request", "[]", "request is missing")]
    [InlineData("request.uid", "null", "request.uid is missing")]
    [InlineData("request.uid", "\"\"", "request.uid is missing")]
    [InlineData("request.namespace", "null", "request.namespace is missing")]
    [InlineData("request.operation", "null", "request.operation is missing")]
    [InlineData("request.object", "null", "request.object is no object")]
    [InlineData("request.object", "\"pod\"", "request.object is no object")]
    [InlineData("request.kind.kind", "\"Deployment\"", "request.kind is 'Deployment', and only pods of v1 are injected into: "
        + "the webhook's rules must name no other")]
    [InlineData("request.kind.version", "\"v2\"", "request.kind is 'Pod', and only pods of v1 are injected into: "
        + "the webhook's rules must name no other")]
    public async Task OtherReview_IsRefusedWithTheReason(string path, string value, string problem)
    {
        JsonObject review = InjectorHost.Review(InjectorHost.Pod());
        string[] keys = path.Split('.');
        keys[..^1].Aggregate((JsonNode)review, (node, key) => node[key]!)[keys[^1]] = JsonNode.Parse(value);

        (HttpStatusCode status, JsonNode answer) = await _host.PostAsync(review.ToJsonString());

        AssertRefused(HttpStatusCode.BadRequest, "BadRequest", problem, status, answer);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("hello")]
    [InlineData("[]")]
    [InlineData("{ \"kind\": \"\\ud800\" }")]
    [InlineData("{ \"\\ud800\": 1 }")]
    public async Task Garbage_IsRefusedWithTheReason(string body)
    {
        (HttpStatusCode status, JsonNode answer) = await _host.PostAsync(body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("Status", (string?)answer["kind"]);
        Assert.StartsWith("mesh injector: ", (string?)answer["message"], StringComparison.Ordinal);
        Assert.Contains(_host.Logs.GetSnapshot(), record => record.Id.Name == "ReviewRefused");
    }

    [Fact]
    public async Task TextThatIsNoUnicode_InsideThePod_IsRefused()
    {
        string review = InjectorHost.Review(InjectorHost.Pod()).ToJsonString().Replace("web-7f-", "\\ud800", StringComparison.Ordinal);

        (HttpStatusCode status, _) = await _host.PostAsync(review);

        Assert.Equal(HttpStatusCode.BadRequest, status);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/yaml")]
    public async Task OtherContentType_IsRefused(string contentType)
    {
        (HttpStatusCode status, JsonNode answer) =
            await _host.PostAsync(InjectorHost.Review(InjectorHost.Pod()).ToJsonString(), contentType);

        AssertRefused(
            HttpStatusCode.UnsupportedMediaType, "UnsupportedMediaType", "Content-Type is not application/json", status, answer);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Body_AboveTheLimit_IsRefused(bool saysItsLength)
    {
        using HttpClient client = _host.Client();
        byte[] body = Encoding.UTF8.GetBytes(new string(' ', InjectorWebhook.MaxBody + 1));
        using var content = new StreamContent(saysItsLength ? new MemoryStream(body) : new Unseekable(body));
        content.Headers.ContentType = new("application/json");

        using HttpResponseMessage response =
            await client.PostAsync(new Uri("/mesh/inject", UriKind.Relative), content, TestContext.Current.CancellationToken);

        JsonNode answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        AssertRefused(
            HttpStatusCode.RequestEntityTooLarge, "RequestEntityTooLarge", "the review is larger than 3145728 bytes",
            response.StatusCode, answer);
    }

    [Fact]
    public async Task Body_OfTheLimit_IsTaken()
    {
        string review = InjectorHost.Review(InjectorHost.Pod()).ToJsonString();

        (HttpStatusCode status, _) = await _host.PostAsync(review + new string(' ', InjectorWebhook.MaxBody - review.Length));

        Assert.Equal(HttpStatusCode.OK, status);
    }

    private static void AssertRefused(HttpStatusCode code, string reason, string problem, HttpStatusCode status, JsonNode answer)
    {
        Assert.Equal(code, status);
        Assert.Equal("Status", (string?)answer["kind"]);
        Assert.Equal("v1", (string?)answer["apiVersion"]);
        Assert.Equal("Failure", (string?)answer["status"]);
        Assert.Equal(reason, (string?)answer["reason"]);
        Assert.Equal(((int)code).ToString(CultureInfo.InvariantCulture), answer["code"]!.ToJsonString());
        Assert.Equal("mesh injector: " + problem, (string?)answer["message"]);
    }

    private sealed class Unseekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
