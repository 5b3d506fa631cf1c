using Mesh.Client.Transport;

namespace Mesh.Client.Tests.Transport;

public sealed class TransportHeaderTests
{
    private const string Prefix = "7472616e73706f72742e6c35642e696f2f76310d0a0d0a";

    /// <summary>The vectors of reference/linkerd.md §6.</summary>
    [Theory]
    [InlineData(4040, "foo.bar.example.com", (int)SessionProtocol.Http2,
        "0000001c08c81f1213666f6f2e6261722e6578616d706c652e636f6d1a021200")]
    [InlineData(4321, null, (int)SessionProtocol.Http1, "0000000708e1211a020a00")]
    [InlineData(8989, null, (int)SessionProtocol.Http2, "00000007089d461a021200")]
    [InlineData(8080, "", (int)SessionProtocol.Http1, "0000000708903f1a020a00")]
    [InlineData(5432, null, (int)SessionProtocol.Opaque, "0000000308b82a")]
    public void Encode_Vector_IsByteExact(int port, string? name, int session, string expected) =>
        Assert.Equal(Prefix + expected, Convert.ToHexStringLower(TransportHeader.Encode(port, name, (SessionProtocol)session)));

    [Fact]
    public void Encode_LongName_HasLongLength()
    {
        string name = new('a', 200);

        byte[] header = TransportHeader.Encode(80, name, SessionProtocol.Opaque);

        Assert.Equal(Prefix + "000000cd085012c801" + string.Concat(Enumerable.Repeat("61", 200)), Convert.ToHexStringLower(header));
    }

    [Fact]
    public void Protocol_IsLinkerds() => Assert.Equal("transport.l5d.io/v1", TransportHeader.Protocol.ToString());
}
