using CsCheck;
using Mesh.Client.Identity;

namespace Mesh.Client.Tests.Identity;

public class ServiceAccountIdentityTests
{
    private static readonly Gen<string> Label = Gen.Char["abcz019-"].Array[1, 20]
        .Select(letters => $"a{new string(letters)}9");

    [Fact]
    public void Fill_Default_IsTheMeshesName() =>
        Assert.Equal("web.shop.serviceaccount.identity.mesh.cluster.local", ServiceAccountIdentity.Fill("shop", "web")!.Name);

    [Fact]
    public void TryParse_IsTheInverseOfFill() => Gen.Select(Label, Label.Array[1, 3]).Sample((ns, parts) =>
    {
        string account = string.Join('.', parts);
        string name = ServiceAccountIdentity.Fill(ns, account)!.Name;
        Assert.True(ServiceAccountIdentity.TryParse(name, out string? readNs, out string? readAccount));
        Assert.Equal((ns, account), (readNs, readAccount));
    });

    [Fact]
    public void Fill_TwoAccounts_NeverHaveOneName() =>
        Gen.Select(Label, Label.Array[1, 2], Label, Label.Array[1, 2]).Sample((ns, a, other, b) => Assert.Equal(
            (ns, string.Join('.', a)) == (other, string.Join('.', b)),
            ServiceAccountIdentity.Fill(ns, string.Join('.', a)) == ServiceAccountIdentity.Fill(other, string.Join('.', b))));

    [Theory]
    [InlineData("a.b", "web")]
    [InlineData("", "web")]
    [InlineData("shop", "")]
    [InlineData("shop", "web.")]
    [InlineData("shop", "Web")]
    [InlineData("sh_op", "web")]
    [InlineData("{serviceaccount}", "web")]
    [InlineData("shop", "{namespace}")]
    public void Fill_WhatKubernetesWouldNotTake_IsNothing(string ns, string account) =>
        Assert.Null(ServiceAccountIdentity.Fill(ns, account));

    [Theory]
    [InlineData("web.serviceaccount.identity.mesh.cluster.local")]
    [InlineData("web.shop.serviceaccount.identity.linkerd.cluster.local")]
    [InlineData(".shop.serviceaccount.identity.mesh.cluster.local")]
    [InlineData("*.shop.serviceaccount.identity.mesh.cluster.local")]
    [InlineData(null)]
    public void TryParse_AnothersName_IsNoServiceAccount(string? name) =>
        Assert.False(ServiceAccountIdentity.TryParse(name, out _, out _));

    [Theory]
    [InlineData("system:serviceaccount:shop:web", true)]
    [InlineData("system:serviceaccount:shop:web:more", false)]
    [InlineData("system:serviceaccount:shop:", false)]
    [InlineData("system:serviceaccounts:shop:web", false)]
    [InlineData("jane", false)]
    [InlineData(null, false)]
    public void TryParseUser_TakesServiceAccountsOnly(string? user, bool expected) =>
        Assert.Equal(expected, ServiceAccountIdentity.TryParseUser(user, out _, out _));

    [Theory]
    [InlineData(ServiceAccountIdentity.DefaultTemplate, null)]
    [InlineData("{serviceaccount}.{namespace}.serviceaccount.identity.linkerd.cluster.local", null)]
    [InlineData("{namespace}.{serviceaccount}.mesh", "does not begin with")]
    [InlineData("{serviceaccount}.mesh", "does not begin with")]
    [InlineData("{serviceaccount}.{namespace}.{namespace}.mesh", "does not begin with")]
    [InlineData("{serviceaccount}.{namespace}.", "makes no DNS name")]
    public void Problem_OfATemplate(string template, string? expected)
    {
        string? problem = ServiceAccountIdentity.Problem(template);
        Assert.Equal(expected is null, problem is null);
        Assert.Contains(expected ?? "", problem ?? "", StringComparison.Ordinal);
    }
}
