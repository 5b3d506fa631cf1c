using Mesh.Client.AspNetCore.StatusFaces;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.AspNetCore.StatusFaces;

public sealed class SharedStatusTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly SharedStatus _shared;
    private readonly List<StatusQuery> _made = [];

    public SharedStatusTests() => _shared = new SharedStatus(_time);

    [Fact]
    public void Read_ByManyOfTheSame_IsMadeOnceASecond()
    {
        var query = new StatusQuery("catalog:80", 0, 200);
        SharedStatus.Reader[] readers = [.. Enumerable.Range(0, 100).Select(_ => _shared.Follow(query, Make))];

        for (int second = 1; second <= 5; second++)
        {
            Assert.All(readers, reader => Assert.Equal(second, reader.Read()![0]));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(5, _made.Count);
    }

    [Fact]
    public void Read_OfOtherPages_IsMadeForEach()
    {
        StatusQuery[] queries =
        [
            default, new("catalog:80", 0, 200), new("catalog:80", 200, 200), new("catalog:80", 0, 10), new("orders:80", 0, 200),
        ];

        foreach (StatusQuery query in queries)
        {
            Assert.NotNull(_shared.Follow(query, Make).Read());
        }

        Assert.Equal(queries, _made);
    }

    [Fact]
    public void Dispose_OfTheLastReader_ForgetsIt()
    {
        SharedStatus.Reader one = _shared.Follow(default, Make);
        SharedStatus.Reader two = _shared.Follow(default, Make);

        one.Dispose();
        Assert.Equal(1, _shared.Count);
        two.Dispose();

        Assert.Equal(0, _shared.Count);
    }

    [Fact]
    public void Read_OfWhatIsGone_IsNothing()
    {
        using SharedStatus.Reader reader = _shared.Follow(default, _ => null);

        Assert.Null(reader.Read());
    }

    private byte[] Make(StatusQuery query)
    {
        _made.Add(query);
        return [(byte)_made.Count];
    }
}
