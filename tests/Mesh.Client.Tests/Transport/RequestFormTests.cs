using System.Net;
using System.Net.Security;
using CsCheck;
using Mesh.Client.Transport;

namespace Mesh.Client.Tests.Transport;

public sealed class RequestFormTests
{
    private static readonly Gen<HttpRequestMessage> Requests = Gen.Select(
        One("http", "https", "ws", "wss", "https+http", "http+https"),
        One("catalog", "catalog.shop:8080", "catalog:443", "catalog:80", "[::1]:5001"),
        One("/", "/a%20b?q=%C3%A4&r=/", "/items/1"),
        One(HttpVersion.Version11, HttpVersion.Version20, HttpVersion.Version30),
        Gen.Enum<HttpVersionPolicy>(),
        One<string?>(null, "own.host")).Select((scheme, authority, path, version, policy, host) =>
        {
            var request = new HttpRequestMessage(HttpMethod.Get, $"{scheme}://{authority}{path}")
            {
                Version = version,
                VersionPolicy = policy,
            };
            request.Headers.Host = host;
            return request;
        });

    [Fact]
    public void Adapt_AnyRequestAndFraming_KeepsAuthorityAndPathAndIsUndone() =>
        Gen.Select(Requests, Gen.Enum<Framing>()).Sample((request, framing) =>
        {
            (Uri uri, Version version, HttpVersionPolicy policy, string? host) =
                (request.RequestUri!, request.Version, request.VersionPolicy, request.Headers.Host);

            RequestForm? form = RequestForm.Adapt(request, framing);

            Uri sent = request.RequestUri!;
            string authority = request.Headers.Host ?? sent.Authority;
            Assert.Equal(host ?? uri.Authority, authority);
            Assert.Equal((uri.Host, RequestForm.PortOf(uri), uri.PathAndQuery), (sent.Host, sent.Port, sent.PathAndQuery));
            Assert.False(RequestForm.TakesEither(sent));
            bool https = framing is Framing.Https || (framing is Framing.Plaintext && RequestForm.AsksForTls(uri));
            Assert.Equal(https, RequestForm.AsksForTls(sent));

            // HTTP/3 would leave the endpoint's connections.
            bool mayLeave = request.Version.Major > 2 || request.VersionPolicy is HttpVersionPolicy.RequestVersionOrHigher;
            Assert.False(framing is Framing.Https && mayLeave);

            form?.Restore(request);
            Assert.Equal(
                (uri, version, policy, host), (request.RequestUri!, request.Version, request.VersionPolicy, request.Headers.Host));
        });

    [Fact]
    public void Adapt_WhatNeedsNoChange_IsLeftAlone()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://catalog/");
        Uri uri = request.RequestUri!;

        Assert.Null(RequestForm.Adapt(request, Framing.Plaintext));
        Assert.Null(RequestForm.Adapt(request, Framing.MeshTls));
        Assert.Null(RequestForm.Adapt(request, Framing.TransportHeader));
        Assert.Same(uri, request.RequestUri);
    }

    [Theory]
    [InlineData("1.1", HttpVersionPolicy.RequestVersionOrLower, "http/1.1")]
    [InlineData("1.1", HttpVersionPolicy.RequestVersionExact, "http/1.1")]
    [InlineData("1.1", HttpVersionPolicy.RequestVersionOrHigher, "h2 http/1.1")]
    [InlineData("2.0", HttpVersionPolicy.RequestVersionOrLower, "h2 http/1.1")]
    [InlineData("2.0", HttpVersionPolicy.RequestVersionExact, "h2")]
    [InlineData("2.0", HttpVersionPolicy.RequestVersionOrHigher, "h2")]
    public void Protocols_FollowTheVersion(string version, HttpVersionPolicy policy, string expected)
    {
        using var request = new HttpRequestMessage { Version = Version.Parse(version), VersionPolicy = policy };

        List<SslApplicationProtocol> protocols = RequestForm.Protocols(request);

        Assert.Equal(expected, string.Join(' ', protocols));
    }

    private static Gen<T> One<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
