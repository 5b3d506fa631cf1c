using System.Text.Json;
using Mesh.Client.Kubernetes.Api;

namespace Mesh.Client.KubernetesTests.Api;

public sealed class ApiErrorsTests
{
    private static readonly ApiResource Slices = new("discovery.k8s.io", "v1", "endpointslices", "shop");

    [Theory]
    [InlineData(400, ApiFailure.Invalid)]
    [InlineData(401, ApiFailure.Unauthenticated)]
    [InlineData(403, ApiFailure.Denied)]
    [InlineData(404, ApiFailure.NotServed)]
    [InlineData(410, ApiFailure.Gone)]
    [InlineData(422, ApiFailure.Invalid)]
    [InlineData(429, ApiFailure.Busy)]
    [InlineData(500, ApiFailure.Failed)]
    [InlineData(503, ApiFailure.Failed)]
    [InlineData(504, ApiFailure.Failed)]
    public void Each_code_has_its_meaning(int code, object failure) =>
        Assert.Equal(failure, ApiErrors.Of(new ApiStatus(code, "why"), Slices, "watch").Failure);

    [Fact]
    public void What_the_status_object_says_is_used()
    {
        ApiStatus status = Read(
            """
            {"kind":"Status","code":504,"reason":"Timeout","message":"Too large resource version: 9\n",
             "details":{"retryAfterSeconds":3,"causes":[{"reason":"ResourceVersionTooLarge"}]}}
            """);
        Assert.Equal(TimeSpan.FromSeconds(3), status.RetryAfter);
        Assert.Equal("504 (Too large resource version: 9)", status.ToString());
        Assert.Equal(ApiFailure.Gone, ApiErrors.Of(status, Slices, "watch").Failure);
    }

    [Fact]
    public void A_long_user_is_named_in_full_and_foreign_text_is_one_short_line()
    {
        string user = "system:serviceaccount:shop:" + new string('w', 150);
        ApiStatus status = Read($$"""{"code":403,"message":"{{new string('x', 300)}} User \"{{user}}\" cannot\nlist"}""");
        Assert.Equal(user, status.User);
        Assert.DoesNotContain('\n', status.Message);
        Assert.InRange(status.Message.Length, 1, 201);
        Assert.Contains(user, ApiErrors.Of(status, Slices, "list").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"code":"x","message":7,"details":[],"reason":{}}""")]
    [InlineData("""{"details":{"causes":[1,null,{}],"retryAfterSeconds":"x"}}""")]
    public void What_is_no_status_says_nothing(string json)
    {
        ApiStatus status = Read(json);
        Assert.Equal(500, status.Code);
        Assert.Equal("500", status.ToString());
        Assert.Null(status.RetryAfter);
    }

    private static ApiStatus Read(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return ApiStatus.Read(500, document.RootElement);
    }
}
