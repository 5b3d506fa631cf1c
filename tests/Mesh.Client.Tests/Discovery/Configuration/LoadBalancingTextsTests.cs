using System.Collections.Immutable;
using CsCheck;
using Mesh.Client.Discovery.Configuration;
using Mesh.Client.Model;

namespace Mesh.Client.Tests.Discovery.Configuration;

public class LoadBalancingTextsTests
{
    [Fact]
    public void HashOn_WhatIsWritten_IsRead()
    {
        Gen<HashSource> source = Gen.Select(
            Gen.Enum<HashSourceKind>(), Gen.String[Gen.Char["abcXYZ0189-_. "], 1, 8], Gen.Bool,
            (kind, name, terminal) => new HashSource(kind, kind is HashSourceKind.Path ? "" : name, terminal));
        source.Array[1, 5].Sample(sources =>
        {
            ImmutableArray<HashSource> hashOn = [.. sources];
            string? text = LoadBalancingTexts.Write(hashOn);
            bool isPlain = sources.All(one => one.Kind is HashSourceKind.Path || one.Name.Trim() == one.Name
                && (one.Kind is HashSourceKind.Query || !one.Name.Contains(' ', StringComparison.Ordinal)));
            Assert.True(text is not null || !isPlain);
            if (text is not null)
            {
                Assert.True(LoadBalancingTexts.TryReadHashOn(text, out ImmutableArray<HashSource> read, out _));
                Assert.Equal(hashOn, read);
            }
        });
    }

    [Fact]
    public void HashOn_NameWithAComma_IsNotWritten() =>
        Assert.Null(LoadBalancingTexts.Write([new HashSource(HashSourceKind.Query, "a,b")]));

    [Theory]
    [InlineData("")]
    [InlineData("header:")]
    [InlineData("header:a b")]
    [InlineData("body:x")]
    [InlineData("path,")]
    public void HashOn_Nonsense_SaysWhat(string text)
    {
        Assert.False(LoadBalancingTexts.TryReadHashOn(text, out _, out string? problem));
        Assert.Contains("is none of header:<name>, cookie:<name>, query:<name> and path", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("125", 125)]
    [InlineData("125%", 125)]
    [InlineData("99", null)]
    [InlineData("-1", null)]
    [InlineData("many", null)]
    public void BoundedLoad_IsAPercentageOrNone(string text, int? expected)
    {
        Assert.Equal(expected is not null, LoadBalancingTexts.TryReadBoundedLoad(text, out int bound, out string? problem));
        Assert.Equal(expected is null, problem is not null);
        Assert.Equal(expected ?? bound, bound);
    }

    [Theory]
    [InlineData("address", "Address")]
    [InlineData("HASHKEY", "HashKey")]
    [InlineData("label: pod", "Label:pod")]
    [InlineData("label:", null)]
    [InlineData("name", null)]
    public void EndpointKey_IsReadInAnyCaseAndWrittenInOne(string text, string? expected)
    {
        LoadBalancingTexts.TryReadEndpointKey(text, out EndpointKey? key, out string? problem);
        Assert.Equal(expected, key is null ? null : LoadBalancingTexts.Write(key));
        Assert.Equal(expected is null, problem is not null);
    }
}
