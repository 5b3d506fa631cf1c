using System.Net.Http.Headers;
using Grpc.Core;
using Mesh.Client.Grpc;

namespace Mesh.Client.Tests.Grpc;

public class GrpcRequestTests
{
    [Theory]
    [InlineData("user-42")]
    [InlineData("Zoë")]
    public void GiveBack_AfterTheKeyWasTaken_RequestIsAsBefore(string key)
    {
        using HttpRequestMessage request = Request(new CallOptions().WithMeshHashKey(key).WithMeshCallInfo());
        string before = request.Headers.ToString();

        string? taken = GrpcRequest.TakeHashKey(request);
        bool wanted = GrpcRequest.TakeInfoWanted(request);
        Assert.Equal((key, true, ""), (taken, wanted, request.Headers.ToString()));
        GrpcRequest.GiveBack(request, taken, wanted);

        Assert.Equal(before, request.Headers.ToString());
    }

    [Theory]
    [InlineData("application/grpc", "2.0", true)]
    [InlineData("application/grpc-web", "1.1", true)]
    [InlineData("application/grpc+proto", "2.0", true)]
    [InlineData("application/grpc", "1.1", true)]
    [InlineData("application/json", "2.0", false)]
    public void Is_GrpcContent_IsRecognised(string type, string version, bool expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://greeter/x") { Content = new ByteArrayContent([]) };
        request.Version = Version.Parse(version);
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);

        Assert.Equal(expected, GrpcRequest.Is(request));
    }

    // As grpc-dotnet writes metadata: text as it is, bytes in Base64.
    private static HttpRequestMessage Request(CallOptions options)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "http://greeter/x");
        foreach (Metadata.Entry entry in options.Headers!)
        {
            request.Headers.Add(entry.Key, entry.IsBinary ? Convert.ToBase64String(entry.ValueBytes) : entry.Value);
        }

        return request;
    }
}
