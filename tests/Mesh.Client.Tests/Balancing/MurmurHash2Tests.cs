using System.Text;
using Mesh.Client.Balancing;

namespace Mesh.Client.Tests.Balancing;

public class MurmurHash2Tests
{
    [Theory]
    [InlineData("foo", 9631199822919835226)]
    [InlineData("bar", 11474628671133349555)]
    [InlineData("foo\nbar", 16306510975912980159)]
    [InlineData("lyft", 12847078931730529320)]
    [InlineData("", 6142509188972423790)]
    public void Of_EnvoyTexts_MatchesVector(string text, ulong expected) =>
        Assert.Equal(expected, MurmurHash2.Of(Encoding.UTF8.GetBytes(text)));
}
